import { LockstepError } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import { notFound } from '../../access/refusals.js';
import type { Tx } from '../../database/transaction.js';
import { type LockedRun, lockRun, requireGeneration } from '../../runs/lock-run.js';

interface RankAddress {
  readonly runId: string;
  readonly generation: number;
  /** One rank; null where any rank of the node may. */
  readonly rank: number | null;
}

/**
 * Locks a run for a write of one of its ranks. The node must carry that rank in the run's present generation.
 *
 * @throws LockstepError `auth.not-found` for other nodes, `infrastructure.stale-generation` for older generations
 */
export async function lockRank(tx: Tx, context: Context, { runId, generation, rank }: RankAddress): Promise<LockedRun> {
  await requireRank(tx, context, { runId, generation, rank });
  const run = await lockRun(tx, runId, null);
  requireGeneration(run, generation);
  if (run.deleted) throw notFound('run');
  return run;
}

/** @throws LockstepError `auth.not-found` unless the node carries the rank in that generation, present or not */
export async function requireRank(
  tx: Pick<Tx, 'generationRank'>,
  { actor }: Context,
  { runId, generation, rank }: RankAddress,
): Promise<void> {
  if (actor.kind !== 'node') throw notFound('run');
  const row = await tx.generationRank.findFirst({
    where: { runId, generation, nodeId: actor.nodeId, ...(rank === null ? {} : { rank }) },
    select: { rank: true },
  });
  if (row !== null) return;
  const any = await tx.generationRank.findFirst({ where: { runId, nodeId: actor.nodeId }, select: { rank: true } });
  if (any === null) throw notFound('run');
  throw new LockstepError(
    'infrastructure.stale-generation',
    `This node carries no such rank in generation ${generation} of the run. End it.`,
  );
}
