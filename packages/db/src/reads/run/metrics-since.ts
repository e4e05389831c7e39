import type { Context } from '../../access/actor.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';
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

interface ChunkRow {
  cursor: number;
  at: Date;
  source: string;
  generation: number;
  sequence: number;
  cutoff: number | null;
  name: string;
  labels: string;
  points: number;
  payload: Buffer;
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
    const { rows } = await db.pool.query<ChunkRow>(
      `WITH batch AS (
         SELECT * FROM metric_batch WHERE run_id = $1 AND cursor > $2 AND "values" > 0 ORDER BY cursor LIMIT $3
       )
       SELECT batch.cursor, batch.at, batch.source, batch.generation, batch.sequence, attempt.cutoff,
         series.name, series.labels, chunk.points, chunk.payload
       FROM batch
       JOIN metric_series AS series ON series.run_id = $1
       JOIN metric_chunk AS chunk ON chunk.series_id = series.id AND chunk.cursor = batch.cursor
       LEFT JOIN attempt ON attempt.run_id = $1 AND attempt.number = batch.attempt
       ORDER BY batch.cursor, series.name, series.labels`,
      [runId, since, limit],
    );
    const batches: MetricBatchRow[] = [];
    for (const row of rows) {
      const points = clip(decodePoints(row.payload, row.points), row.cutoff);
      if (points.steps.length === 0) continue;
      const series = { name: row.name, labels: JSON.parse(row.labels) as Record<string, string>, ...points };
      const last = batches.at(-1);
      if (last?.cursor === row.cursor) (last.series as unknown[]).push(series);
      else
        batches.push({
          cursor: row.cursor,
          time: row.at.toISOString(),
          source: row.source.replace(/@\d+$/, ''),
          generation: row.generation,
          sequence: row.sequence,
          series: [series],
        });
    }
    return batches;
  });
}
