import { isFinalRunState, LockstepError } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import { audit } from '../../access/audit.js';
import { authorise } from '../../access/authorise.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';
import { lockRun } from '../../runs/lock-run.js';

/**
 * Hides a run at once; `purgeRun` frees its rows later. A run at work, a baseline, and a run that others continue from are
 * refused.
 */
export async function deleteRun(
  db: Db,
  context: Context,
  { organisationId, runId }: { organisationId: string; runId: string },
): Promise<void> {
  await inTransaction(db, async (tx, changed) => {
    await authorise(tx, context, organisationId, 'runs:write');
    const run = await lockRun(tx, runId, organisationId);
    const grant = await authorise(tx, context, organisationId, 'runs:write', run.projectId);
    if (!isFinalRunState(run.state))
      throw new LockstepError(
        'bad-input.state',
        `Expected a run that has ended, got one that is ${run.state}. Cancel it first.`,
      );
    const [child, baseline] = await Promise.all([
      tx.run.findFirst({ where: { organisationId, parentRunId: runId, deletedAt: null }, select: { id: true } }),
      tx.experiment.findFirst({ where: { organisationId, baselineRunId: runId }, select: { slug: true } }),
    ]);
    if (child !== null)
      throw new LockstepError('bad-input.in-use', `Run ${child.id} continues from this run. Delete that one first.`);
    if (baseline !== null)
      throw new LockstepError(
        'bad-input.in-use',
        `This run is the baseline of experiment ${baseline.slug}. Choose another one first.`,
      );
    await tx.run.update({ where: { id: runId }, data: { deletedAt: new Date() }, select: { id: true } });
    changed(runId, run.cursor);
    await audit(tx, context, { organisationId, action: 'run.delete', subjectId: runId }, grant);
  });
}
