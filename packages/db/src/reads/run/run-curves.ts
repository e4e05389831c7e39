import type { Context } from '../../access/actor.js';
import { authorise } from '../../access/authorise.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';
import { thinOut } from '../../metrics/buckets.js';
import { readBuckets } from '../../metrics/read-buckets.js';

const points = 32;
const name = 'train/loss';

/** The loss of each run in a few points, as a list draws it. A run that the actor may not read is left out. */
export async function runCurves(
  db: Db,
  context: Context,
  { organisationId, runIds }: { organisationId: string; runIds: readonly string[] },
): Promise<Record<string, (number | null)[]>> {
  return reading(async () => {
    const { projectId } = await authorise(db.prisma, context, organisationId, 'runs:read');
    const { rows } = await db.pool.query<{ runId: string; seriesId: number; attempts: [number, number | null][] }>(
      `SELECT run.id AS "runId", series.id AS "seriesId",
         (SELECT json_agg(json_build_array(number, cutoff)) FROM attempt WHERE run_id = run.id) AS attempts
       FROM run JOIN metric_series AS series ON series.run_id = run.id AND series.name = $3 AND series.labels = '{}'
       WHERE run.organisation_id = $1 AND run.id = ANY($2) AND run.deleted_at IS NULL
         AND ($4::text IS NULL OR run.project_id = $4)`,
      [organisationId, runIds, name, projectId],
    );
    const curves = await Promise.all(
      rows.map(async ({ runId, seriesId, attempts }) => {
        const ranges = [[0, null] as const, ...(attempts ?? [])].map(([attempt, cutoff]) => ({
          attempt,
          from: 0,
          to: cutoff ?? Number.MAX_SAFE_INTEGER,
        }));
        const { buckets } = await readBuckets(db.pool, seriesId, ranges, points);
        const values = thinOut(buckets, points).map(({ count, nonFinite, sum }) =>
          count === nonFinite ? null : sum / (count - nonFinite),
        );
        return [runId, values] as const;
      }),
    );
    return Object.fromEntries(curves);
  });
}
