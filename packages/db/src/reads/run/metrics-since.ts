import type { Context } from '../../access/actor.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';
import { decodeParts, largestSpan } from '../../metrics/parts.js';
import { decodePoints } from '../../metrics/points.js';
import { clip } from '../../metrics/summary.js';
import { requireRun } from './require-run.js';

/** The metrics of one batch. */
export interface MetricBatchRow {
  readonly cursor: number;
  readonly time: string;
  readonly source: string;
  readonly generation: number;
  readonly sequence: number;
  readonly series: readonly {
    readonly name: string;
    readonly labels: Record<string, string>;
    readonly steps: readonly number[];
    readonly values: readonly number[];
  }[];
}

interface BatchRow {
  cursor: number;
  at: Date;
  source: string;
  generation: number;
  sequence: number;
  cutoff: number | null;
}

interface ChunkRow {
  cursor: number;
  name: string;
  labels: string;
  points: number;
  payload: Buffer;
  parts: Buffer;
}

/** Metrics of a run after a cursor, batch by batch, as they came; what was superseded since is left out. */
export async function metricsSince(
  db: Db,
  context: Context,
  {
    organisationId,
    runId,
    since,
    limit = 200,
  }: { organisationId: string; runId: string; since: number; limit?: number },
): Promise<MetricBatchRow[]> {
  return reading(async () => {
    await requireRun(db, context, organisationId, runId);
    const batches = await db.pool.query<BatchRow>(
      `SELECT batch.cursor, batch.at, batch.source, batch.generation, batch.sequence, attempt.cutoff
       FROM metric_batch AS batch LEFT JOIN attempt ON attempt.run_id = $1 AND attempt.number = batch.attempt
       WHERE batch.run_id = $1 AND batch.cursor > $2 AND batch."values" > 0 ORDER BY batch.cursor LIMIT $3`,
      [runId, since, limit],
    );
    const first = batches.rows[0];
    const last = batches.rows.at(-1);
    if (first === undefined || last === undefined) return [];
    // In one statement, which sees a chunk either before or after it was joined with others, and not both.
    const chunks = await db.pool.query<ChunkRow>(
      `SELECT chunk.cursor, series.name, series.labels, chunk.points, chunk.payload, chunk.parts
       FROM metric_series AS series
       JOIN metric_chunk AS chunk ON chunk.series_id = series.id AND chunk.cursor BETWEEN $2 AND $3::bigint + $4
         AND (chunk.cursor <= $3 OR octet_length(chunk.parts) > 0)
       WHERE series.run_id = $1 ORDER BY series.name, series.labels, chunk.attempt, chunk.ordinal`,
      [runId, first.cursor, last.cursor, largestSpan],
    );
    const seriesOf = seriesByCursor(chunks.rows, new Map(batches.rows.map(({ cursor, cutoff }) => [cursor, cutoff])));
    return batches.rows.flatMap(({ cursor, at, source, generation, sequence }) => {
      const series = seriesOf.get(cursor);
      if (series === undefined) return [];
      const time = at.toISOString();
      return [{ cursor, time, source: source.replace(/@\d+$/, ''), generation, sequence, series }];
    });
  });
}

type SeriesOfBatch = MetricBatchRow['series'][number];

function seriesByCursor(
  chunks: readonly ChunkRow[],
  cutoffs: ReadonlyMap<number, number | null>,
): Map<number, SeriesOfBatch[]> {
  const found = new Map<number, SeriesOfBatch[]>();
  for (const { cursor, name, labels, points, payload, parts } of chunks) {
    const decoded = decodePoints(payload, points);
    let from = 0;
    for (const part of decodeParts(parts, { cursor, points })) {
      const to = from + part.points;
      const cutoff = cutoffs.get(part.cursor);
      if (cutoff !== undefined) {
        const kept = clip({ steps: decoded.steps.slice(from, to), values: decoded.values.slice(from, to) }, cutoff);
        if (kept.steps.length > 0) {
          const others = found.get(part.cursor) ?? [];
          others.push({ name, labels: JSON.parse(labels) as Record<string, string>, ...kept });
          found.set(part.cursor, others);
        }
      }
      from = to;
    }
  }
  return found;
}
