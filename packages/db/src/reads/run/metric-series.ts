import { type MetricNumber, type MetricSeries, metricMeaning } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';
import { type Bucket, thinOut } from '../../metrics/buckets.js';
import { type AttemptRange, readBuckets } from '../../metrics/read-buckets.js';
import { requireRun } from './require-run.js';

export interface MetricSeriesInput {
  readonly organisationId: string;
  readonly runId: string;
  /** All without it. */
  readonly names?: readonly string[];
  /** First and last step. */
  readonly since?: number;
  readonly until?: number;
  /** Points of a series in the answer; more become buckets that keep every extreme. */
  readonly maxPoints?: number;
}

/** Series of a run over a range of steps, as a chart shows them. */
export async function metricSeries(
  db: Db,
  context: Context,
  { organisationId, runId, names, since = 0, until = Number.MAX_SAFE_INTEGER, maxPoints = 2000 }: MetricSeriesInput,
): Promise<{ cursor: number; series: MetricSeries[] }> {
  return reading(async () => {
    // Read before the points, so that a reader who goes on from here sees some twice at most, and none not at all.
    const { cursor } = await requireRun(db, context, organisationId, runId);
    const [attempts, series, definitions] = await Promise.all([
      db.prisma.attempt.findMany({ where: { runId }, orderBy: { number: 'asc' } }),
      db.prisma.metricSeries.findMany({
        where: { runId, ...(names === undefined ? {} : { name: { in: [...names] } }) },
        orderBy: [{ name: 'asc' }, { labels: 'asc' }],
      }),
      db.prisma.metricDefinition.findMany({ where: { organisationId }, select: { name: true, unit: true } }),
    ]);
    const ranges = attempts.map(
      ({ number, cutoff }): AttemptRange => ({
        attempt: number,
        from: since,
        to: cutoff === null ? until : Math.min(until, Number(cutoff)),
      }),
    );
    // Without a generation there is no attempt; what a client or an import wrote is of attempt 0.
    ranges.unshift({ attempt: 0, from: since, to: until });
    const units = new Map(definitions.map(({ name, unit }) => [name, unit]));
    const result = await Promise.all(
      series.map(async ({ id, name, labels }) => {
        const { buckets, points } = await readBuckets(db.pool, Number(id), ranges, maxPoints);
        return {
          name,
          labels: JSON.parse(labels) as Record<string, string>,
          unit: (units.get(name) ?? metricMeaning(name).unit) || null,
          ...columns(thinOut(buckets, maxPoints)),
          pointCount: points,
        };
      }),
    );
    return { cursor, series: result.filter(({ pointCount }) => pointCount > 0) };
  });
}

/** The value of a bucket is the mean of its finite values, or what it has instead. */
function columns(buckets: readonly Bucket[]) {
  const broken = buckets.filter(({ nonFinite }) => nonFinite > 0);
  return {
    steps: buckets.map(({ lastStep }) => lastStep),
    values: buckets.map(({ count, nonFinite, sum, last }) =>
      toMetricNumber(count === 1 || count === nonFinite ? last : sum / (count - nonFinite)),
    ),
    min: buckets.map((bucket) => toMetricNumber(bucket.count === bucket.nonFinite ? bucket.last : bucket.min)),
    max: buckets.map((bucket) => toMetricNumber(bucket.count === bucket.nonFinite ? bucket.last : bucket.max)),
    ...(broken.length === 0
      ? {}
      : {
          nonFinite: {
            steps: broken.map(({ lastStep }) => lastStep),
            counts: broken.map(({ nonFinite }) => nonFinite),
          },
        }),
  };
}

function toMetricNumber(value: number): MetricNumber {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}
