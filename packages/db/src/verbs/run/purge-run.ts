import type { Context } from '../../access/actor.js';
import { audit } from '../../access/audit.js';
import { requireSystem } from '../../access/authorise.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';

/**
 * Frees the rows of a run that was deleted. Blobs stay: others may have the same; a sweep over blobs without files frees
 * them. Allocations, which are what was paid for, stay as their run's audit does.
 *
 * @returns false if there is no such run, or if it was not deleted
 */
export async function purgeRun(db: Db, context: Context, { runId }: { runId: string }): Promise<boolean> {
  requireSystem(context);
  return inTransaction(db, async (tx) => {
    const run = await tx.run.findFirst({
      where: { id: runId, deletedAt: { not: null } },
      select: { organisationId: true },
    });
    if (run === null) return false;
    const series = (await tx.metricSeries.findMany({ where: { runId }, select: { id: true } })).map(({ id }) => id);
    await tx.metricChunk.deleteMany({ where: { seriesId: { in: series } } });
    await tx.metricTier.deleteMany({ where: { seriesId: { in: series } } });
    await tx.metricTail.deleteMany({ where: { seriesId: { in: series } } });
    await tx.metricSeries.deleteMany({ where: { runId } });
    for (const table of [tx.runMetricSummary, tx.metricBatch, tx.logChunk, tx.rendezvous, tx.agreement] as const)
      await (table as typeof tx.logChunk).deleteMany({ where: { runId } });
    await tx.artifactVersion.deleteMany({ where: { runId, kind: 'checkpoint' } });
    await tx.lineage.deleteMany({
      where: { organisationId: run.organisationId, OR: [{ fromId: runId }, { toId: runId }] },
    });
    await tx.run.delete({ where: { id: runId }, select: { id: true } });
    await audit(tx, context, { organisationId: run.organisationId, action: 'run.purge', subjectId: runId });
    return true;
  });
}
