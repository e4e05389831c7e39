import type { ResolvedSpec } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import { authorise } from '../../access/authorise.js';
import { notFound } from '../../access/refusals.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';
import { creatorNames, type RunDetailRow, runRowSelect, toRunRow } from './run-row.js';

/** A run with its specs and the summary of its metrics. @throws LockstepError `auth.not-found` */
export async function getRun(
  db: Db,
  context: Context,
  { organisationId, runId }: { organisationId: string; runId: string },
): Promise<RunDetailRow> {
  return reading(async () => {
    const run = await db.prisma.run.findFirst({
      where: { id: runId, organisationId, deletedAt: null },
      select: {
        ...runRowSelect,
        projectId: true,
        notes: true,
        requestedSpec: true,
        resolvedSpec: true,
        numericClass: true,
      },
    });
    await authorise(db.prisma, context, organisationId, 'runs:read', run?.projectId ?? null);
    if (run === null || run.progress === null) throw notFound('run');
    const summary = await db.prisma.runMetricSummary.findMany({
      where: { runId, labels: '{}' },
      orderBy: { name: 'asc' },
    });
    return {
      ...toRunRow(run, await creatorNames(db.prisma, [run])),
      notes: run.notes,
      requestedSpec: run.requestedSpec,
      resolvedSpec: run.resolvedSpec as unknown as ResolvedSpec,
      numericClass: run.numericClass,
      cursor: Number(run.progress.cursor),
      summary: Object.fromEntries(
        summary.map(({ name, first, last, min, max, lastStep }) => [
          name,
          { first: finite(first), last: finite(last), min, max, lastStep: Number(lastStep) },
        ]),
      ),
    };
  });
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
