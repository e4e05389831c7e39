import type { ResultBody } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';
import { addEvent } from '../../runs/add-event.js';
import { lockRank } from './lock-rank.js';

export type RecordFailedInput = Extract<ResultBody, { kind: 'failed' }> & {
  readonly runId: string;
  readonly generation: number;
};

/** Records why a rank failed. The workflow decides what that means for the run. */
export async function recordFailed(
  db: Db,
  context: Context,
  { runId, generation, kind, rank, code, message, node = null, step = null }: RecordFailedInput,
): Promise<void> {
  await inTransaction(db, async (tx, changed) => {
    const run = await lockRank(tx, context, { runId, generation, rank });
    const failed = { kind, rank, code, message, node, step };
    await tx.generationRank.update({
      where: { runId_generation_rank: { runId, generation, rank } },
      data: { failed, reportedAt: new Date() },
      select: { rank: true },
    });
    await addEvent(tx, run, { kind: 'rank-failed', data: failed, generation }, changed);
  });
}
