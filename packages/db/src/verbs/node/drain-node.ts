import type { Context } from '../../access/actor.js';
import { audit } from '../../access/audit.js';
import { authorise } from '../../access/authorise.js';
import { notFound } from '../../access/refusals.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';

export interface DrainNodeInput {
  readonly organisationId: string;
  readonly nodeId: string;
  /** False takes it back. */
  readonly draining?: boolean;
}

/** Keeps new ranks away from a node; those that it has go on. */
export async function drainNode(
  db: Db,
  context: Context,
  { organisationId, nodeId, draining = true }: DrainNodeInput,
): Promise<void> {
  await inTransaction(db, async (tx, _, nodesChanged) => {
    const grant = await authorise(tx, context, organisationId, 'nodes:write');
    const node = await tx.node.findFirst({
      where: { id: nodeId, organisationId, retiredAt: null },
      select: { drainingSince: true },
    });
    if (node === null) throw notFound('node');
    if ((node.drainingSince !== null) === draining) return;
    await tx.node.update({
      where: { id: nodeId },
      data: { drainingSince: draining ? new Date() : null },
      select: { id: true },
    });
    nodesChanged(organisationId);
    const action = draining ? 'node.drain' : 'node.undrain';
    await audit(tx, context, { organisationId, action, subjectId: nodeId }, grant);
  });
}
