import type { Context } from '../../access/actor.js';
import { audit } from '../../access/audit.js';
import { authorise } from '../../access/authorise.js';
import { notFound } from '../../access/refusals.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';

/** Ends a node for good: its credential is refused from now on, its name is free, its CPUs are nobody's. */
export async function retireNode(
  db: Db,
  context: Context,
  { organisationId, nodeId }: { organisationId: string; nodeId: string },
): Promise<void> {
  await inTransaction(db, async (tx, _, nodesChanged) => {
    const grant = await authorise(tx, context, organisationId, 'nodes:write');
    const node = await tx.node.findFirst({
      where: { id: nodeId, organisationId },
      select: { name: true, retiredAt: true },
    });
    if (node === null) throw notFound('node');
    if (node.retiredAt !== null) return;
    await tx.node.update({
      where: { id: nodeId },
      data: { retiredAt: new Date(), name: `${node.name} (${nodeId})` },
      select: { id: true },
    });
    await tx.allocation.updateMany({ where: { nodeId, endedAt: null }, data: { endedAt: new Date() } });
    nodesChanged(organisationId);
    await audit(tx, context, { organisationId, action: 'node.retire', subjectId: nodeId }, grant);
  });
}
