import type { Context } from '../../access/actor.js';
import { requireSystem } from '../../access/authorise.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';
import { addEvent } from '../../runs/add-event.js';
import { endAllocations } from '../../runs/end-allocations.js';
import { lockRun } from '../../runs/lock-run.js';

/** Gives the CPUs of a run back: those on certain nodes, or all. */
export async function releaseAllocations(
  db: Db,
  context: Context,
  { runId, nodeIds }: { runId: string; nodeIds?: readonly string[] },
): Promise<void> {
  requireSystem(context);
  await inTransaction(db, async (tx, changed, nodesChanged) => {
    const run = await lockRun(tx, runId, null);
    const released = await endAllocations(tx, runId, nodeIds ?? null);
    if (released === 0) return;
    nodesChanged(run.organisationId);
    await addEvent(
      tx,
      run,
      { kind: 'released', data: { nodeIds: nodeIds === undefined ? null : [...nodeIds] } },
      changed,
    );
  });
}
