import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';

/** Whether a session has neither ended nor been revoked; for streams that stay open. */
export async function isSessionOpen(db: Db, sessionId: string): Promise<boolean> {
  return reading(async () => {
    const row = await db.prisma.session.findFirst({
      where: { id: sessionId, expiresAt: { gt: new Date() } },
      select: { id: true },
    });
    return row !== null;
  });
}
