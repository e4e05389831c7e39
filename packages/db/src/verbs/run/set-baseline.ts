import type { Context } from '../../access/actor.js';
import { audit } from '../../access/audit.js';
import { authorise } from '../../access/authorise.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';
import { lockRun } from '../../runs/lock-run.js';

/** Makes a run the one that others of its experiment are compared with. */
export async function setBaseline(
  db: Db,
  context: Context,
  { organisationId, runId }: { organisationId: string; runId: string },
): Promise<void> {
  await inTransaction(db, async (tx, changed) => {
    await authorise(tx, context, organisationId, 'runs:write');
    const run = await lockRun(tx, runId, organisationId);
    const grant = await authorise(tx, context, organisationId, 'runs:write', run.projectId);
    const { experimentId } = await tx.run.findUniqueOrThrow({ where: { id: runId }, select: { experimentId: true } });
    await tx.experiment.update({ where: { id: experimentId }, data: { baselineRunId: runId }, select: { id: true } });
    changed(runId, run.cursor);
    await audit(
      tx,
      context,
      { organisationId, action: 'experiment.baseline', subjectId: experimentId, detail: { runId } },
      grant,
    );
  });
}
