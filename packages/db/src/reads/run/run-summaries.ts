import type { RunDetail } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import { authorise } from '../../access/authorise.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';

/** Metric summaries by run and name. A run that the actor may not read is left out. */
export async function runSummaries(
  db: Db,
  context: Context,
  { organisationId, runIds }: { organisationId: string; runIds: readonly string[] },
): Promise<Record<string, RunDetail['summary']>> {
  return reading(async () => {
    const { projectId } = await authorise(db.prisma, context, organisationId, 'runs:read');
    const runs = await db.prisma.run.findMany({
      where: { id: { in: [...runIds] }, organisationId, deletedAt: null, ...(projectId === null ? {} : { projectId }) },
      select: { id: true },
    });
    const rows = await db.prisma.runMetricSummary.findMany({
      where: { runId: { in: runs.map(({ id }) => id) }, labels: '{}' },
      orderBy: { name: 'asc' },
    });
    const found: Record<string, RunDetail['summary']> = {};
    for (const { runId, name, first, last, min, max, lastStep } of rows) {
      found[runId] ??= {};
      found[runId][name] = { first: finite(first), last: finite(last), min, max, lastStep: Number(lastStep) };
    }
    return found;
  });
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
