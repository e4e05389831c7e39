import { randomBytes } from 'node:crypto';
import { agentTaskQueue, isFinalRunState, LockstepError } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import { requireSystem } from '../../access/authorise.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction, type Tx } from '../../database/transaction.js';
import { supersede } from '../../metrics/supersede.js';
import { addEvent } from '../../runs/add-event.js';
import { type LockedRun, lockRun, requireGeneration } from '../../runs/lock-run.js';
import type { AllocatedRank } from './place-run.js';

export interface FormedGeneration {
  readonly generation: number;
  readonly attempt: number;
  readonly nonce: string;
  readonly worldSize: number;
  readonly threads: number;
  readonly ranks: readonly AllocatedRank[];
  /** Step of the checkpoint that it continues from; 0 without one. */
  readonly originStep: number;
  readonly checkpointId: string | null;
}

/**
 * Forms the next membership of a run from its allocations. It continues from the newest checkpoint; what older generations
 * wrote past its step is superseded. Older generations are refused from now on.
 *
 * @param generation number of the one to form, one more than the newest; asking again for it gives the same
 * @throws LockstepError `infrastructure.stale-generation`, `bad-input.state` without allocations
 */
export async function formGeneration(
  db: Db,
  context: Context,
  { runId, generation }: { runId: string; generation: number },
): Promise<FormedGeneration> {
  requireSystem(context);
  return inTransaction(db, async (tx, changed) => {
    const run = await lockRun(tx, runId, null);
    if (generation === run.generation && !isFinalRunState(run.state)) return readFormed(tx, run, generation);
    requireGeneration(run, generation - 1);
    const allocations = await tx.allocation.findMany({ where: { runId, endedAt: null }, orderBy: { rank: 'asc' } });
    if (allocations.length === 0)
      throw new LockstepError('bad-input.state', 'Expected a run that has its nodes, got one without. Place it first.');
    const { threads } = await tx.run.findUniqueOrThrow({ where: { id: runId }, select: { threads: true } });
    const checkpoint = await tx.checkpoint.findFirst({
      where: { runId },
      orderBy: [{ step: 'desc' }, { generation: 'desc' }, { sequence: 'desc' }],
      select: { id: true, step: true, epoch: true },
    });
    const originStep = checkpoint?.step ?? 0n;
    await tx.generation.updateMany({
      where: { runId, endedAt: null },
      data: { endedAt: new Date(), endKind: 'superseded' },
    });
    const attempt = run.attempt + 1;
    await tx.attempt.create({ data: { runId, number: attempt, startStep: originStep }, select: { runId: true } });
    await supersede(tx, runId, attempt, Number(originStep));
    await tx.generation.create({
      data: {
        runId,
        number: generation,
        attempt,
        nonce: randomBytes(16).toString('hex'),
        worldSize: allocations.length,
        threads,
        checkpointId: checkpoint?.id ?? null,
        startStep: originStep,
        ranks: { create: allocations.map(({ nodeId }, rank) => ({ rank, nodeId })) },
      },
      select: { runId: true },
    });
    await tx.runProgress.update({
      where: { runId },
      data: { generation, attempt, step: originStep, epoch: checkpoint?.epoch ?? 0 },
      select: { runId: true },
    });
    const data = {
      generation,
      attempt,
      originStep: Number(originStep),
      nodeIds: allocations.map(({ nodeId }) => nodeId),
    };
    await addEvent(tx, run, { kind: 'generation', data, generation }, changed);
    return readFormed(tx, run, generation);
  });
}

async function readFormed(tx: Tx, run: LockedRun, number: number): Promise<FormedGeneration> {
  const formed = await tx.generation.findUniqueOrThrow({
    where: { runId_number: { runId: run.id, number } },
    include: { ranks: { orderBy: { rank: 'asc' } } },
  });
  const allocations = await tx.allocation.findMany({
    where: { runId: run.id, nodeId: { in: formed.ranks.map(({ nodeId }) => nodeId) } },
    orderBy: { id: 'desc' },
  });
  return {
    generation: number,
    attempt: formed.attempt,
    nonce: formed.nonce,
    worldSize: formed.worldSize,
    threads: formed.threads,
    originStep: Number(formed.startStep),
    checkpointId: formed.checkpointId,
    ranks: formed.ranks.map(({ rank, nodeId }) => ({
      rank,
      nodeId,
      taskQueue: agentTaskQueue(nodeId),
      threads: formed.threads,
      cpus: allocations.find((each) => each.nodeId === nodeId && each.rank === rank)?.cpus ?? [],
    })),
  };
}
