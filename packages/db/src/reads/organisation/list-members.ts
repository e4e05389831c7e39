import type { Context } from '../../access/actor.js';
import { authorise } from '../../access/authorise.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';
import type { Role } from '../../generated/prisma/enums.js';
import { type Page, type PageInput, pageOf, pageSize } from '../paging.js';

export interface MemberRow {
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
}

/** Members by id. */
export async function listMembers(
  db: Db,
  context: Context,
  { organisationId, cursor, limit }: PageInput & { organisationId: string },
): Promise<Page<MemberRow>> {
  return reading(async () => {
    await authorise(db.prisma, context, organisationId, 'organisation:read');
    const size = pageSize(limit);
    const rows = await db.prisma.member.findMany({
      where: { organisationId, ...(cursor === undefined ? {} : { userId: { gt: cursor } }) },
      orderBy: { userId: 'asc' },
      take: size + 1,
      select: { userId: true, role: true, user: { select: { name: true, email: true } } },
    });
    return pageOf(
      rows,
      size,
      ({ userId }) => userId,
      ({ userId, role, user }) => ({ userId, role, ...user }),
    );
  });
}
