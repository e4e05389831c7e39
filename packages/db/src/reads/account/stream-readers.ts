import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';

/** Organisations that a session's owner is a member of: id -> slug. */
export type Memberships = ReadonlyMap<string, string>;

/**
 * What the owners of sessions may see now, for streams that stay open: one query for all of them. A session that has ended
 * is left out.
 */
export async function streamReaders(db: Db, sessionIds: readonly string[]): Promise<Map<string, Memberships>> {
  return reading(async () => {
    const rows = await db.prisma.session.findMany({
      where: { id: { in: [...sessionIds] }, expiresAt: { gt: new Date() } },
      select: {
        id: true,
        user: {
          select: { members: { select: { organisation: { select: { id: true, slug: true } } } } },
        },
      },
    });
    return new Map(
      rows.map(({ id, user }) => [
        id,
        new Map(user.members.map(({ organisation }) => [organisation.id, organisation.slug])),
      ]),
    );
  });
}
