import type { Context } from '../../access/actor.js';
import { requireSystem } from '../../access/authorise.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';

/** Pools of all organisations, for the control plane. */
export async function listPools(
  db: Db,
  context: Context,
): Promise<{ poolId: string; organisationId: string; name: string; provider: string; desiredNodes: number }[]> {
  requireSystem(context);
  return reading(async () => {
    const rows = await db.prisma.pool.findMany({ orderBy: { id: 'asc' } });
    return rows.map(({ id, organisationId, name, provider, desiredNodes }) => ({
      poolId: id,
      organisationId,
      name,
      provider,
      desiredNodes,
    }));
  });
}
