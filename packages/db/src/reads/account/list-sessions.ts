import type { Context } from '../../access/actor.js';
import { notFound } from '../../access/refusals.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';

export interface SessionRow {
  readonly id: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly address: string | null;
  readonly userAgent: string | null;
}

/** Open sessions of the person who asks, newest first. */
export async function listSessions(db: Db, { actor }: Context): Promise<SessionRow[]> {
  if (actor.kind !== 'user') throw notFound('page');
  return reading(async () => {
    const rows = await db.prisma.session.findMany({
      where: { userId: actor.userId, expiresAt: { gt: new Date() } },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: 200,
      select: { id: true, createdAt: true, expiresAt: true, ipAddress: true, userAgent: true },
    });
    return rows.map(({ ipAddress, ...row }) => ({ ...row, address: ipAddress }));
  });
}
