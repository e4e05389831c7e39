import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';

/** Whether somebody has signed up: the first person may without an invitation. */
export async function hasUsers(db: Db): Promise<boolean> {
  return reading(async () => (await db.prisma.user.findFirst({ select: { id: true } })) !== null);
}
