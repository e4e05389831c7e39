import type { Context } from '../../access/actor.js';
import { authorise } from '../../access/authorise.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';
import type { Role } from '../../generated/prisma/enums.js';
import { type Page, type PageInput, pageOf, pageSize, requireCursor } from '../paging.js';

export interface InvitationRow {
  readonly id: string;
  readonly email: string;
  readonly role: Role;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** Invitations that can still be accepted, newest first. */
export async function listInvitations(
  db: Db,
  context: Context,
  { organisationId, cursor, limit }: PageInput & { organisationId: string },
): Promise<Page<InvitationRow>> {
  return reading(async () => {
    await authorise(db.prisma, context, organisationId, 'members:write');
    const size = pageSize(limit);
    const before = requireCursor(cursor, /^inv_[0-9a-f-]{36}$/);
    const rows = await db.prisma.invitation.findMany({
      where: {
        organisationId,
        acceptedAt: null,
        revokedAt: null,
        expiresAt: { gt: new Date() },
        ...(before === undefined ? {} : { id: { lt: before } }),
      },
      orderBy: { id: 'desc' },
      take: size + 1,
      select: { id: true, email: true, role: true, createdAt: true, expiresAt: true },
    });
    return pageOf(
      rows,
      size,
      ({ id }) => id,
      (row) => row,
    );
  });
}
