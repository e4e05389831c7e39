import {
  type HeartbeatBody,
  type HeartbeatResponse,
  heartbeatBodySchema,
  isFinalRunState,
  LockstepError,
  parseWith,
} from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import { notFound } from '../../access/refusals.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';

/**
 * Says that a node lives and which ranks live there; tells which of them are not wanted any more.
 *
 * @throws LockstepError `bad-input.state` for an agent that was started before another one of the node: it ends itself
 */
export async function heartbeatNode(db: Db, context: Context, input: HeartbeatBody): Promise<HeartbeatResponse> {
  const { actor } = context;
  if (actor.kind !== 'node') throw notFound('node');
  const { instance, draining, ranks, load } = parseWith(heartbeatBodySchema, input, { source: 'heartbeat' });
  return inTransaction(db, async (tx, _, nodesChanged) => {
    const node = await tx.node.findUnique({
      where: { id: actor.nodeId },
      select: { organisationId: true, incarnation: true, retiredAt: true, drainingSince: true },
    });
    if (node === null || node.retiredAt !== null) throw notFound('node');
    if (node.incarnation !== instance)
      throw new LockstepError('bad-input.state', 'Another agent registered as this node since. End this one.');
    const isDraining = draining || node.drainingSince !== null;
    await tx.node.update({
      where: { id: actor.nodeId },
      data: {
        lastSeenAt: new Date(),
        report: { ranks, load: load ?? null },
        ...(isDraining && node.drainingSince === null ? { drainingSince: new Date() } : {}),
      },
      select: { id: true },
    });
    nodesChanged(node.organisationId);
    const runs = await tx.run.findMany({
      where: { id: { in: ranks.map(({ runId }) => runId) } },
      select: { id: true, state: true, progress: { select: { generation: true } } },
    });
    const present = new Map(
      runs.map(({ id, state, progress }) => [id, isFinalRunState(state) ? null : progress?.generation]),
    );
    const unwanted = ranks.filter(({ runId, generation }) => present.get(runId) !== generation);
    return { draining: isDraining, stop: unwanted.map(({ runId, generation }) => ({ runId, generation })) };
  });
}
