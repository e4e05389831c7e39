import { isFinalRunState, LockstepError, type SetRunState } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import { requireSystem } from '../../access/authorise.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';
import { addEvent } from '../../runs/add-event.js';
import { lockRun, requireGeneration } from '../../runs/lock-run.js';

/**
 * Sets state, reason and message of a run; only its workflow does. Setting what is set already changes nothing. Final
 * states come through `finishRun`, and a run never leaves them.
 *
 * @throws LockstepError `infrastructure.stale-generation`
 */
export async function setRunState(
  db: Db,
  context: Context,
  { runId, generation, state, reason, message }: SetRunState,
): Promise<void> {
  requireSystem(context);
  if (isFinalRunState(state)) throw new LockstepError('bad-input.state', `A run becomes ${state} through finishRun.`);
  await inTransaction(db, async (tx, changed) => {
    const run = await lockRun(tx, runId, null);
    requireGeneration(run, generation);
    const before = await tx.run.findUniqueOrThrow({
      where: { id: runId },
      select: { state: true, reason: true, message: true, startedAt: true },
    });
    if (before.state === state && before.reason === reason && before.message === message) return;
    const isWaiting = state === 'queued' || state === 'allocating';
    await tx.run.update({
      where: { id: runId },
      data: {
        state,
        reason,
        message,
        ...(isWaiting ? {} : { waitingReason: null }),
        ...(isWaiting || before.startedAt !== null ? {} : { startedAt: new Date() }),
      },
      select: { id: true },
    });
    await addEvent(tx, run, { kind: 'state', data: { state, reason, message }, generation: run.generation }, changed);
  });
}
