import type { Context } from '../../access/actor.js';
import { requireSystem } from '../../access/authorise.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';
import { addEvent } from '../../runs/add-event.js';
import { lockRun } from '../../runs/lock-run.js';

export interface EndGenerationInput {
  readonly runId: string;
  readonly generation: number;
  readonly outcome: 'finished' | 'lost' | 'failed' | 'stopped';
  readonly message: string | null;
}

/** Records how a membership ended. Its ranks may still deliver what they have, until the next one is formed. */
export async function endGeneration(
  db: Db,
  context: Context,
  { runId, generation, outcome, message }: EndGenerationInput,
): Promise<void> {
  requireSystem(context);
  await inTransaction(db, async (tx, changed) => {
    const run = await lockRun(tx, runId, null);
    const { count } = await tx.generation.updateMany({
      where: { runId, number: generation, endedAt: null },
      data: { endedAt: new Date(), endKind: outcome, endMessage: message },
    });
    if (count === 0) return;
    await addEvent(tx, run, { kind: 'generation-ended', data: { generation, outcome, message }, generation }, changed);
  });
}
