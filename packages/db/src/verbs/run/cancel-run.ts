import { isFinalRunState } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import { audit } from '../../access/audit.js';
import { authorise } from '../../access/authorise.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';
import { addEvent } from '../../runs/add-event.js';
import { lockRun } from '../../runs/lock-run.js';

/**
 * Records that the run shall end; the caller then signals its workflow, which ends it. A run that has ended stays as it is.
 *
 * @returns whether the workflow has to be signalled
 */
export async function cancelRun(
  db: Db,
  context: Context,
  { organisationId, runId }: { organisationId: string; runId: string },
): Promise<{ signal: boolean }> {
  return inTransaction(db, async (tx, changed) => {
    await authorise(tx, context, organisationId, 'runs:write');
    const run = await lockRun(tx, runId, organisationId);
    const grant = await authorise(tx, context, organisationId, 'runs:write', run.projectId);
    if (isFinalRunState(run.state)) return { signal: false };
    if (!run.cancelRequested) {
      await tx.run.update({ where: { id: runId }, data: { cancelRequestedAt: new Date() }, select: { id: true } });
      await addEvent(tx, run, { kind: 'cancel-requested', data: {} }, changed);
      await audit(tx, context, { organisationId, action: 'run.cancel', subjectId: runId }, grant);
    }
    return { signal: true };
  });
}
