import type { ResultBody } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';
import { lockRank } from './lock-rank.js';

export type RecordFinishedInput = Extract<ResultBody, { kind: 'finished' }> & {
  readonly runId: string;
  readonly generation: number;
};

/** Records that a rank finished, and with which result. The workflow decides what that means for the run. */
export async function recordFinished(
  db: Db,
  context: Context,
  { runId, generation, ...result }: RecordFinishedInput,
): Promise<void> {
  await inTransaction(db, async (tx, changed) => {
    const run = await lockRank(tx, context, { runId, generation, rank: result.rank });
    await tx.generationRank.update({
      where: { runId_generation_rank: { runId, generation, rank: result.rank } },
      data: { finished: result, reportedAt: new Date() },
      select: { rank: true },
    });
    changed(runId, run.cursor);
  });
}
