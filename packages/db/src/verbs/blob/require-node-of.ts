import type { Context } from '../../access/actor.js';
import { notFound } from '../../access/refusals.js';
import type { Tx } from '../../database/transaction.js';

/** Blobs are stored by nodes of the organisation, and by the system. */
export async function requireNodeOf(tx: Pick<Tx, 'node'>, { actor }: Context, organisationId: string): Promise<void> {
  if (actor.kind === 'system') return;
  if (actor.kind !== 'node') throw notFound('page');
  const node = await tx.node.findFirst({
    where: { id: actor.nodeId, organisationId, retiredAt: null },
    select: { id: true },
  });
  if (node === null) throw notFound('organisation');
}
