import type { Context } from '../../access/actor.js';
import { authorise } from '../../access/authorise.js';
import { forbidden } from '../../access/refusals.js';
import { roleAllows } from '../../access/rights.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';
import { type Page, type PageInput, pageOf, pageSize, requireCursor } from '../paging.js';

export interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly hint: string;
  readonly userId: string;
  /** Name of the one it belongs to. */
  readonly owner: string;
  readonly scopes: readonly string[];
  readonly project: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

/** Tokens, newest first: one's own, or all as an admin. Sessions only. */
export async function listTokens(
  db: Db,
  context: Context,
  { organisationId, cursor, limit }: PageInput & { organisationId: string },
): Promise<Page<TokenRow>> {
  return reading(async () => {
    const grant = await authorise(db.prisma, context, organisationId, 'organisation:read');
    if (context.actor.kind !== 'user' || grant.role === null || grant.userId === null)
      throw forbidden('tokens to be listed');
    const size = pageSize(limit);
    const before = requireCursor(cursor, /^tok_[0-9a-f-]{36}$/);
    const rows = await db.prisma.apiToken.findMany({
      where: {
        organisationId,
        ...(roleAllows(grant.role, 'members:write') ? {} : { userId: grant.userId }),
        ...(before === undefined ? {} : { id: { lt: before } }),
      },
      orderBy: { id: 'desc' },
      take: size + 1,
      omit: { secretHash: true },
    });
    const ids = rows.map(({ projectId }) => projectId).filter((id) => id !== null);
    const projects = await db.prisma.project.findMany({
      where: { organisationId, id: { in: ids } },
      select: { id: true, slug: true },
    });
    const slugs = new Map(projects.map(({ id, slug }) => [id, slug]));
    const owners = await db.prisma.user.findMany({
      where: { id: { in: rows.map(({ userId }) => userId) } },
      select: { id: true, name: true },
    });
    const names = new Map(owners.map(({ id, name }) => [id, name]));
    return pageOf(
      rows,
      size,
      ({ id }) => id,
      ({ projectId, organisationId: _, ...row }) => ({
        ...row,
        owner: names.get(row.userId) ?? '',
        project: projectId === null ? null : (slugs.get(projectId) ?? null),
      }),
    );
  });
}
