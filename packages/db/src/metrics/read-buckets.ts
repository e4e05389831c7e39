import type { Pool } from 'pg';
import { type Bucket, bucketOf, decodeBuckets } from './buckets.js';
import { decodePoints } from './points.js';
import { levelFor, OpenTiers } from './tiers.js';

/** Steps of an attempt that are asked for and count, both ends included. */
export interface AttemptRange {
  readonly attempt: number;
  readonly from: number;
  readonly to: number;
}

/** So many points are read as they are for each point of the answer; beyond that, buckets. */
const rawFactor = 4;

interface ChunkRow {
  attempt: number;
  first_step: number;
  last_step: number;
  points: number;
}

/**
 * One series as buckets in the order of their steps, at most about twice `most` if it has more points than that. Buckets at
 * the ends of a range, which hold points outside of it too, are made from the points themselves, so that every extreme is
 * in exactly the range that it belongs to.
 */
export async function readBuckets(
  pool: Pool,
  seriesId: number,
  ranges: readonly AttemptRange[],
  most: number,
): Promise<{ buckets: Bucket[]; points: number }> {
  const { rows } = await pool.query<{ attempt: number; points: number }>(
    `SELECT chunk.attempt, sum(chunk.points)::bigint AS points
     FROM unnest($2::int[], $3::bigint[], $4::bigint[]) AS range (attempt, first, last)
     JOIN metric_chunk AS chunk ON chunk.series_id = $1 AND chunk.attempt = range.attempt
       AND chunk.first_step <= range.last AND chunk.last_step >= range.first
     GROUP BY chunk.attempt`,
    [seriesId, ranges.map(({ attempt }) => attempt), ranges.map(({ from }) => from), ranges.map(({ to }) => to)],
  );
  const present = ranges.filter(({ attempt }) => rows.some((row) => row.attempt === attempt));
  const total = rows.reduce((sum, { points }) => sum + points, 0);
  const parts =
    total <= most * rawFactor
      ? await Promise.all(present.map((range) => readPoints(pool, seriesId, range)))
      : await Promise.all(present.map((range) => readTier(pool, seriesId, range, levelFor(total, most * 2))));
  const buckets = parts.flat().sort((a, b) => a.firstStep - b.firstStep);
  return { buckets, points: buckets.reduce((sum, { count }) => sum + count, 0) };
}

async function readPoints(pool: Pool, seriesId: number, { attempt, from, to }: AttemptRange): Promise<Bucket[]> {
  if (from > to) return [];
  const { rows } = await pool.query<ChunkRow & { payload: Buffer }>(
    `SELECT points, payload FROM metric_chunk
     WHERE series_id = $1 AND attempt = $2 AND first_step <= $4 AND last_step >= $3 ORDER BY ordinal`,
    [seriesId, attempt, from, to],
  );
  const buckets: Bucket[] = [];
  for (const { points, payload } of rows) {
    const { steps, values } = decodePoints(payload, points);
    for (const [index, step] of steps.entries())
      if (step >= from && step <= to) buckets.push(bucketOf(step, values[index] ?? Number.NaN));
  }
  return buckets;
}

async function readTier(pool: Pool, seriesId: number, range: AttemptRange, level: number): Promise<Bucket[]> {
  const { attempt, from, to } = range;
  // One statement, so that no bucket closes between the two.
  const { rows } = await pool.query<{ payload: Buffer; isOpen: boolean }>(
    `(SELECT payload, false AS "isOpen" FROM metric_tier
      WHERE series_id = $1 AND attempt = $2 AND level = $3 AND first_step <= $5 AND last_step >= $4 ORDER BY block)
     UNION ALL SELECT open, true FROM metric_tail WHERE series_id = $1 AND attempt = $2`,
    [seriesId, attempt, level, from, to],
  );
  const all = rows.flatMap(({ payload, isOpen }) => {
    if (!isOpen) return decodeBuckets(payload);
    const rest = OpenTiers.decode(payload).remainder(level);
    return rest === null ? [] : [rest];
  });
  const touching = all.filter(({ firstStep, lastStep }) => firstStep <= to && lastStep >= from);
  const inside = touching.filter(({ firstStep, lastStep }) => firstStep >= from && lastStep <= to);
  const cut = touching.filter(({ firstStep, lastStep }) => firstStep < from || lastStep > to);
  const ends = await Promise.all(
    cut.map(({ firstStep, lastStep }) =>
      readPoints(pool, seriesId, { attempt, from: Math.max(from, firstStep), to: Math.min(to, lastStep) }),
    ),
  );
  return [...inside, ...ends.flat()];
}
