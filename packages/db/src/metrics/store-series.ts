import type { MetricMeaning } from '@lockstep/contracts';
import type { PoolClient } from 'pg';
import { encodeBuckets } from './buckets.js';
import { encodePoints, inOrder, type Points } from './points.js';
import { type Summary, summarise } from './summary.js';
import { OpenTiers } from './tiers.js';

export interface SeriesPoints {
  readonly name: string;
  /** Canonical JSON. */
  readonly labels: string;
  readonly points: Points;
}

export interface SeriesBatch {
  readonly runId: string;
  readonly organisationId: string;
  readonly attempt: number;
  readonly cursor: number;
  readonly series: readonly SeriesPoints[];
  readonly meaning: (name: string) => MetricMeaning;
}

/** A series as it is before the batch. */
interface Tail extends SeriesPoints {
  readonly seriesId: number;
  readonly pointsBefore: number;
  readonly chunks: number;
  readonly lastStep: number;
  readonly tiers: OpenTiers;
}

/** Writes the points of a batch, one row a series, and what is derived from them, under the lock of the run. */
export async function storeSeries(client: PoolClient, batch: SeriesBatch): Promise<void> {
  const tails = await readTails(client, batch);
  await writeChunks(client, batch, tails);
  await writeTiers(client, batch.attempt, tails);
  await writeTails(client, batch.attempt, tails);
  await writeSummaries(client, batch.runId, tails);
}

function key({ name, labels }: { name: string; labels: string }): string {
  return `${name}\n${labels}`;
}

async function readTails(client: PoolClient, batch: SeriesBatch): Promise<Tail[]> {
  const merged = mergeSameSeries(batch.series);
  let rows = await findSeries(client, batch, merged);
  if (rows.size < merged.length) {
    await addSeries(
      client,
      batch,
      merged.filter((each) => !rows.has(key(each))),
    );
    rows = await findSeries(client, batch, merged);
  }
  return merged.map((each) => {
    const row = rows.get(key(each));
    if (row === undefined) throw new Error(`series ${each.name} was added and is not there`);
    return {
      ...each,
      seriesId: row.id,
      pointsBefore: row.points ?? 0,
      chunks: row.chunks ?? 0,
      lastStep: row.last_step ?? 0,
      tiers: row.open === null ? OpenTiers.empty() : OpenTiers.decode(row.open),
    };
  });
}

/** A batch may name a series twice; a chunk holds all of it. */
function mergeSameSeries(series: readonly SeriesPoints[]): SeriesPoints[] {
  const merged = new Map<string, SeriesPoints>();
  for (const each of series) {
    const same = merged.get(key(each));
    const points =
      same === undefined
        ? each.points
        : inOrder({
            steps: [...same.points.steps, ...each.points.steps],
            values: [...same.points.values, ...each.points.values],
          });
    merged.set(key(each), { ...each, points });
  }
  return [...merged.values()];
}

interface SeriesRow {
  id: number;
  name: string;
  labels: string;
  last_step: number | null;
  points: number | null;
  chunks: number | null;
  open: Buffer | null;
}

async function findSeries(
  client: PoolClient,
  { runId, attempt }: SeriesBatch,
  series: readonly SeriesPoints[],
): Promise<Map<string, SeriesRow>> {
  const { rows } = await client.query<SeriesRow>(
    `SELECT series.id, series.name, series.labels, tail.last_step, tail.points, tail.chunks, tail.open
     FROM unnest($2::text[], $3::text[]) AS wanted (name, labels)
     JOIN metric_series AS series ON series.run_id = $1 AND series.name = wanted.name AND series.labels = wanted.labels
     LEFT JOIN metric_tail AS tail ON tail.series_id = series.id AND tail.attempt = $4`,
    [runId, series.map(({ name }) => name), series.map(({ labels }) => labels), attempt],
  );
  return new Map(rows.map((row) => [key(row), row]));
}

async function addSeries(
  client: PoolClient,
  { runId, organisationId, meaning }: SeriesBatch,
  series: readonly SeriesPoints[],
): Promise<void> {
  // Sorted, so that two runs that bring the same new names do not wait for each other crosswise.
  const names = [...new Set(series.map(({ name }) => name))].sort();
  const meanings = names.map(meaning);
  await client.query(
    `INSERT INTO metric_definition (organisation_id, name, unit, goal, summary)
     SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) ON CONFLICT DO NOTHING`,
    [
      organisationId,
      names,
      meanings.map(({ unit }) => unit),
      meanings.map(({ goal }) => goal),
      meanings.map(({ summary }) => summary),
    ],
  );
  await client.query(
    `INSERT INTO metric_series (run_id, name, labels) SELECT $1, * FROM unnest($2::text[], $3::text[]) ON CONFLICT DO NOTHING`,
    [runId, series.map(({ name }) => name), series.map(({ labels }) => labels)],
  );
}

async function writeChunks(
  client: PoolClient,
  { attempt, cursor }: SeriesBatch,
  tails: readonly Tail[],
): Promise<void> {
  await client.query(
    `INSERT INTO metric_chunk (series_id, attempt, cursor, ordinal, first_step, last_step, points, payload)
     SELECT series_id, $1, $2, ordinal, first_step, last_step, points, payload
     FROM unnest($3::bigint[], $4::int[], $5::bigint[], $6::bigint[], $7::int[], $8::bytea[])
       AS chunk (series_id, ordinal, first_step, last_step, points, payload)`,
    [
      attempt,
      cursor,
      tails.map(({ seriesId }) => seriesId),
      tails.map(({ chunks }) => chunks),
      tails.map(({ points }) => points.steps[0]),
      tails.map(({ points }) => points.steps.at(-1)),
      tails.map(({ points }) => points.steps.length),
      tails.map(({ points }) => encodePoints(points)),
    ],
  );
}

async function writeTiers(client: PoolClient, attempt: number, tails: readonly Tail[]): Promise<void> {
  const rows = tails.flatMap(({ seriesId, tiers, points, pointsBefore }) =>
    tiers.add(points, pointsBefore).map((closed) => ({ seriesId, ...closed })),
  );
  if (rows.length === 0) return;
  await client.query(
    `INSERT INTO metric_tier (series_id, attempt, level, block, first_step, last_step, buckets, payload)
     SELECT series_id, $1, level, block, first_step, last_step, buckets, payload
     FROM unnest($2::bigint[], $3::int[], $4::int[], $5::bigint[], $6::bigint[], $7::int[], $8::bytea[])
       AS tier (series_id, level, block, first_step, last_step, buckets, payload)`,
    [
      attempt,
      rows.map(({ seriesId }) => seriesId),
      rows.map(({ level }) => level),
      rows.map(({ ordinal }) => ordinal),
      rows.map(({ buckets }) => Math.min(...buckets.map(({ firstStep }) => firstStep))),
      rows.map(({ buckets }) => Math.max(...buckets.map(({ lastStep }) => lastStep))),
      rows.map(({ buckets }) => buckets.length),
      rows.map(({ buckets }) => encodeBuckets(buckets)),
    ],
  );
}

async function writeTails(client: PoolClient, attempt: number, tails: readonly Tail[]): Promise<void> {
  await client.query(
    `INSERT INTO metric_tail (series_id, attempt, last_step, points, chunks, open)
     SELECT series_id, $1, last_step, points, chunks, open
     FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::int[], $6::bytea[])
       AS tail (series_id, last_step, points, chunks, open)
     ON CONFLICT (series_id, attempt) DO UPDATE SET last_step = excluded.last_step, points = excluded.points,
       chunks = excluded.chunks, open = excluded.open`,
    [
      attempt,
      tails.map(({ seriesId }) => seriesId),
      tails.map(({ lastStep, points }) => Math.max(lastStep, points.steps.at(-1) ?? 0)),
      tails.map(({ pointsBefore, points }) => pointsBefore + points.steps.length),
      tails.map(({ chunks }) => chunks + 1),
      tails.map(({ tiers }) => tiers.encode()),
    ],
  );
}

async function writeSummaries(client: PoolClient, runId: string, tails: readonly Tail[]): Promise<void> {
  const rows = tails.map((tail) => ({ ...tail, summary: summarise(null, tail.points) as Summary }));
  await client.query(
    `INSERT INTO run_metric_summary AS old (run_id, name, labels, series_id, points, non_finite, first, first_step, last,
       last_step, min, min_step, max, max_step)
     SELECT $1, * FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::float8[], $8::bigint[],
       $9::float8[], $10::bigint[], $11::float8[], $12::bigint[], $13::float8[], $14::bigint[])
     ON CONFLICT (run_id, name, labels) DO UPDATE SET
       points = old.points + excluded.points,
       non_finite = old.non_finite + excluded.non_finite,
       first = CASE WHEN excluded.first_step < old.first_step THEN excluded.first ELSE old.first END,
       first_step = least(old.first_step, excluded.first_step),
       last = CASE WHEN excluded.last_step >= old.last_step THEN excluded.last ELSE old.last END,
       last_step = greatest(old.last_step, excluded.last_step),
       min = least(old.min, excluded.min),
       min_step = CASE WHEN old.min IS NULL OR excluded.min < old.min THEN excluded.min_step ELSE old.min_step END,
       max = greatest(old.max, excluded.max),
       max_step = CASE WHEN old.max IS NULL OR excluded.max > old.max THEN excluded.max_step ELSE old.max_step END`,
    [
      runId,
      rows.map(({ name }) => name),
      rows.map(({ labels }) => labels),
      rows.map(({ seriesId }) => seriesId),
      rows.map(({ summary }) => summary.points),
      rows.map(({ summary }) => summary.nonFinite),
      rows.map(({ summary }) => summary.first),
      rows.map(({ summary }) => summary.firstStep),
      rows.map(({ summary }) => summary.last),
      rows.map(({ summary }) => summary.lastStep),
      rows.map(({ summary }) => summary.min),
      rows.map(({ summary }) => summary.minStep),
      rows.map(({ summary }) => summary.max),
      rows.map(({ summary }) => summary.maxStep),
    ],
  );
}
