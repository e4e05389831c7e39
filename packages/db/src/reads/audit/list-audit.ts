import type { Context } from '../../access/actor.js';
import { authorise } from '../../access/authorise.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';
import { type Page, type PageInput, pageOf, pageSize, requireCursor } from '../paging.js';

export interface AuditRow {
  readonly id: string;
  readonly at: Date;
  readonly actorKind: string;
  readonly actorId: string;
  readonly userId: string | null;
  readonly requestId: string | null;
  readonly address: string | null;
  readonly action: string;
  readonly subjectId: string;
  readonly detail: unknown;
}

/** Who did what, newest first. */
export async function listAudit(
  db: Db,
  context: Context,
  { organisationId, subjectId, cursor, limit }: PageInput & { organisationId: string; subjectId?: string },
): Promise<Page<AuditRow>> {
  return reading(async () => {
    await authorise(db.prisma, context, organisationId, 'audit:read');
    const size = pageSize(limit);
    const before = requireCursor(cursor, /^aud_[0-9a-f-]{36}$/);
    const rows = await db.prisma.audit.findMany({
      where: {
        organisationId,
        ...(subjectId === undefined ? {} : { subjectId }),
        ...(before === undefined ? {} : { id: { lt: before } }),
      },
      orderBy: { id: 'desc' },
      take: size + 1,
      omit: { organisationId: true },
    });
    return pageOf(
      rows,
      size,
      ({ id }) => id,
      (row) => row,
    );
  });
}
