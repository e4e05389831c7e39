import type { Context } from '../../access/actor.js';
import { requireSystem } from '../../access/authorise.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';

/** Runs that `purgeRun` has to free. */
export async function deletedRuns(db: Db, context: Context, limit = 20): Promise<string[]> {
  requireSystem(context);
  return reading(async () => {
    const rows = await db.prisma.run.findMany({
      where: { deletedAt: { not: null } },
      orderBy: { deletedAt: 'asc' },
      take: limit,
      select: { id: true },
    });
    return rows.map(({ id }) => id);
  });
}
