import type { Context } from '../../access/actor.js';
import { requireSystem } from '../../access/authorise.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';

/** The agents of these nodes did not take an order: the nodes count as unreachable until their next heartbeat. */
export async function suspectNodes(
  db: Db,
  context: Context,
  { nodeIds }: { nodeIds: readonly string[] },
): Promise<void> {
  requireSystem(context);
  await inTransaction(db, async (tx, _, nodesChanged) => {
    const where = { id: { in: [...nodeIds] } };
    await tx.node.updateMany({ where, data: { lastSeenAt: null } });
    const nodes = await tx.node.findMany({ where, distinct: ['organisationId'], select: { organisationId: true } });
    for (const { organisationId } of nodes) nodesChanged(organisationId);
  });
}
