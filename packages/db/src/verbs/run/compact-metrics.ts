import type { PoolClient } from 'pg';
import type { Context } from '../../access/actor.js';
import { requireSystem } from '../../access/authorise.js';
import type { Db } from '../../database/open-db.js';
import { inPgTransaction, reading } from '../../database/transaction.js';
import { decodeParts, encodeParts, largestSpan } from '../../metrics/parts.js';
import { decodePoints, encodePoints } from '../../metrics/points.js';

/** Points of a joined chunk at most. */
const fullPoints = 2048;
/** So many small chunks are joined also where they make no full one. */
const manyChunks = 512;
/** After so long it ends, and goes on when it is called again. */
const longestMs = 2000;
/** Cursors that a run goes on before it is looked at again. */
const everyCursors = 512;

interface RunToCompact {
  runId: string;
  cursor: number;
  isOver: boolean;
}

interface SeriesToCompact {
  seriesId: number;
  attempt: number;
}

interface Chunk {
  ordinal: number;
  points: number;
  cursor: number;
  /** A bound of the cursor of its first batch. */
  span: number;
}

/**
 * Joins chunks of a few points, as live batches bring them, into ones of about 2,000. Readers see the one or the other.
 * A run is looked at now and then while it goes on, and a last time a minute after its end.
 *
 * @returns chunks that are there no more
 */
export async function compactMetrics(
  db: Db,
  context: Context,
  { runs = 20 }: { runs?: number } = {},
): Promise<{ joined: number }> {
  requireSystem(context);
  const found = await reading(() =>
    db.pool.query<RunToCompact>(
      `SELECT progress.run_id AS "runId", progress.cursor, run.ended_at IS NOT NULL AS "isOver"
       FROM run_progress AS progress JOIN run ON run.id = progress.run_id
       WHERE progress.cursor > progress.compacted_cursor AND run.deleted_at IS NULL
         AND (progress.cursor >= progress.compacted_cursor + $1 OR run.ended_at < now() - interval '1 minute')
       LIMIT $2`,
      [everyCursors, runs],
    ),
  );
  const end = performance.now() + longestMs;
  let joined = 0;
  for (const { runId, cursor, isOver } of found.rows) {
    const series = await reading(() =>
      db.pool.query<SeriesToCompact>(
        `SELECT tail.series_id AS "seriesId", tail.attempt
         FROM metric_series AS series JOIN metric_tail AS tail ON tail.series_id = series.id
         WHERE series.run_id = $1 AND tail.chunks > 1`,
        [runId],
      ),
    );
    for (const each of series.rows) {
      if (performance.now() > end) return { joined };
      joined += await compactSeries(db, each, isOver);
    }
    await inPgTransaction(db, (client) =>
      client.query('UPDATE run_progress SET compacted_cursor = $2 WHERE run_id = $1', [runId, cursor]),
    );
  }
  return { joined };
}

async function compactSeries(db: Db, series: SeriesToCompact, isOver: boolean): Promise<number> {
  const { rows } = await reading(() =>
    db.pool.query<{ ordinal: number; points: number; cursor: number; parts: Buffer }>(
      `SELECT ordinal, points, cursor, parts FROM metric_chunk WHERE series_id = $1 AND attempt = $2 ORDER BY ordinal`,
      [series.seriesId, series.attempt],
    ),
  );
  const chunks = rows.map(({ ordinal, points, cursor, parts }) => {
    const first = decodeParts(parts, { cursor, points })[0]?.cursor ?? cursor;
    return { ordinal, points, cursor, span: cursor - first };
  });
  let joined = 0;
  for (const [first, last] of groupsOf(chunks, isOver))
    joined += await inPgTransaction(db, (client) => join(client, series, first, last));
  return joined;
}

/** First and last ordinals of neighbours to join. @param isOver no more will come, so that also what is not full is joined */
export function groupsOf(chunks: readonly Chunk[], isOver: boolean): [first: number, last: number][] {
  const groups: [number, number][] = [];
  let group: Chunk[] = [];
  let points = 0;
  const end = (isFull: boolean): void => {
    const [first, last] = [group[0], group.at(-1)];
    if (
      first !== undefined &&
      last !== undefined &&
      group.length > 1 &&
      (isFull || isOver || group.length >= manyChunks)
    )
      groups.push([first.ordinal, last.ordinal]);
    group = [];
    points = 0;
  };
  for (const chunk of chunks) {
    const first = group[0];
    const begins = first === undefined ? chunk.cursor - chunk.span : first.cursor - first.span;
    if (points + chunk.points > fullPoints || chunk.cursor - begins >= largestSpan) end(true);
    group.push(chunk);
    points += chunk.points;
  }
  end(false);
  return groups;
}

/** Two that do the same at the same time: the second one finds nothing to delete, and adds nothing. */
async function join(
  client: PoolClient,
  { seriesId, attempt }: SeriesToCompact,
  first: number,
  last: number,
): Promise<number> {
  const { rows } = await client.query<{
    ordinal: number;
    cursor: number;
    points: number;
    payload: Buffer;
    parts: Buffer;
  }>(
    `DELETE FROM metric_chunk WHERE series_id = $1 AND attempt = $2 AND ordinal BETWEEN $3 AND $4
     RETURNING ordinal, cursor, points, payload, parts`,
    [seriesId, attempt, first, last],
  );
  const [head] = rows.sort((a, b) => a.ordinal - b.ordinal);
  if (head === undefined) return 0;
  const steps: number[] = [];
  const values: number[] = [];
  for (const { payload, points } of rows) {
    const decoded = decodePoints(payload, points);
    for (const step of decoded.steps) steps.push(step);
    for (const value of decoded.values) values.push(value);
  }
  const parts = rows.flatMap(({ parts, cursor, points }) => decodeParts(parts, { cursor, points }));
  await client.query(
    `INSERT INTO metric_chunk (series_id, attempt, cursor, ordinal, first_step, last_step, points, payload, parts)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      seriesId,
      attempt,
      rows.at(-1)?.cursor,
      head.ordinal,
      steps.reduce((least, step) => Math.min(least, step)),
      steps.reduce((most, step) => Math.max(most, step)),
      steps.length,
      encodePoints({ steps, values }),
      encodeParts(parts),
    ],
  );
  return rows.length - 1;
}
