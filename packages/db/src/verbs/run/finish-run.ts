import { isFinalRunState, type RunOutcome } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import { requireSystem } from '../../access/authorise.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';
import { Prisma } from '../../generated/prisma/client.js';
import { addEvent } from '../../runs/add-event.js';
import { endAllocations } from '../../runs/end-allocations.js';
import { lockRun, requireGeneration } from '../../runs/lock-run.js';

export interface FinishRunInput {
  readonly runId: string;
  readonly generation: number;
  readonly outcome: RunOutcome;
}

/**
 * Ends a run for good, gives its nodes back and ends its generation. Doing it again changes nothing.
 *
 * @throws LockstepError `infrastructure.stale-generation`
 */
export async function finishRun(
  db: Db,
  context: Context,
  { runId, generation, outcome: { state, reason, failure, result } }: FinishRunInput,
): Promise<void> {
  requireSystem(context);
  await inTransaction(db, async (tx, changed, nodesChanged) => {
    const run = await lockRun(tx, runId, null);
    if (isFinalRunState(run.state)) return;
    requireGeneration(run, generation);
    await endAllocations(tx, runId, null);
    nodesChanged(run.organisationId);
    await tx.generation.updateMany({
      where: { runId, endedAt: null },
      data: { endedAt: new Date(), endKind: state === 'completed' ? 'finished' : 'stopped' },
    });
    await tx.run.update({
      where: { id: runId },
      data: {
        state,
        reason,
        message: failure?.message ?? null,
        failure: failure ?? Prisma.DbNull,
        waitingReason: null,
        endedAt: new Date(),
        ...(result === null
          ? {}
          : {
              testLoss: result.testLoss,
              testAccuracy: result.testAccuracy,
              weightsDigest: result.weightsDigest,
              stateDigest: result.stateDigest,
            }),
      },
      select: { id: true },
    });
    if (result !== null)
      await tx.runProgress.update({
        where: { runId },
        data: { step: result.step, epoch: result.epoch },
        select: { runId: true },
      });
    const data = { state, reason, message: failure?.message ?? null };
    await addEvent(tx, run, { kind: 'state', data, generation: run.generation }, changed);
  });
}
