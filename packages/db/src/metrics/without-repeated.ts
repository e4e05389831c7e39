import type { PoolClient } from 'pg';
import { decodePoints } from './points.js';
import type { SeriesPoints } from './store-series.js';

/**
 * Leaves out points of the steps that generations began at where the series has them already. A checkpoint between the last
 * step of an epoch and its validation is followed by that validation twice where its first ranks were lost after it: both
 * have the same bits, and one of them counts. In the lock of the run.
 */
export async function withoutRepeated(
  client: PoolClient,
  runId: string,
  given: readonly SeriesPoints[],
): Promise<readonly SeriesPoints[]> {
  const { rows: starts } = await client.query<{ step: number }>(
    'SELECT DISTINCT start_step AS step FROM attempt WHERE run_id = $1 AND start_step > 0',
    [runId],
  );
  if (starts.length === 0) return given;
  const begun = new Set(starts.map(({ step }) => step));
  const kept: SeriesPoints[] = [];
  for (const series of given) {
    const wanted = series.points.steps.filter((step) => begun.has(step));
    const there = wanted.length === 0 ? new Set<number>() : await stepsThere(client, runId, series, wanted);
    kept.push(there.size === 0 ? series : { ...series, points: without(series.points, there) });
  }
  return kept.filter(({ points }) => points.steps.length > 0);
}

/** Which of these steps the series has, in what counts. */
async function stepsThere(
  client: PoolClient,
  runId: string,
  { name, labels }: SeriesPoints,
  wanted: readonly number[],
): Promise<Set<number>> {
  const { rows } = await client.query<{ points: number; payload: Buffer; cutoff: number | null }>(
    `SELECT chunk.points, chunk.payload, attempt.cutoff FROM metric_series AS series
     JOIN metric_chunk AS chunk ON chunk.series_id = series.id
     JOIN attempt ON attempt.run_id = $1 AND attempt.number = chunk.attempt
     WHERE series.run_id = $1 AND series.name = $2 AND series.labels = $3
       AND EXISTS (SELECT FROM unnest($4::bigint[]) AS step
         WHERE step BETWEEN chunk.first_step AND least(chunk.last_step, coalesce(attempt.cutoff, chunk.last_step)))`,
    [runId, name, labels, wanted],
  );
  const there = new Set<number>();
  for (const { points, payload, cutoff } of rows) {
    const found = new Set(decodePoints(payload, points).steps);
    for (const step of wanted) if (found.has(step) && (cutoff === null || step <= cutoff)) there.add(step);
  }
  return there;
}

function without({ steps, values }: SeriesPoints['points'], there: ReadonlySet<number>): SeriesPoints['points'] {
  return {
    steps: steps.filter((step) => !there.has(step)),
    values: values.filter((_, index) => !there.has(steps[index] ?? -1)),
  };
}
