import { createHash } from 'node:crypto';
import { type BatchBody, batchBodySchema, LockstepError, metricMeaning, parseWith } from '@lockstep/contracts';
import type { PoolClient } from 'pg';
import type { z } from 'zod';
import type { Context } from '../../access/actor.js';
import { notFound } from '../../access/refusals.js';
import type { Db } from '../../database/open-db.js';
import { inPgTransaction } from '../../database/transaction.js';
import { largestStep } from '../../metrics/buckets.js';
import { encodePoints, inOrder, type Points } from '../../metrics/points.js';
import { type SeriesPoints, storeSeries } from '../../metrics/store-series.js';
import { clip } from '../../metrics/summary.js';
import { withoutRepeated } from '../../metrics/without-repeated.js';
import { withoutNul } from '../../runs/without-nul.js';
import { requireRank } from './lock-rank.js';

export type AppendBatchInput = BatchBody & { readonly runId: string };

export interface AppendedBatch {
  /** False if it was there already. */
  readonly accepted: boolean;
  readonly cursor: number;
  /** Points that a later generation computes again; they were left out. */
  readonly superseded: number;
}

type Batch = z.output<typeof batchBodySchema>;

interface Progress {
  organisationId: string;
  cursor: number;
  generation: number;
  attempt: number;
}

/**
 * Stores metrics, logs and events of a source. A batch that is there already changes nothing. Ranks of an older generation
 * may still deliver: what happened before their successors began is the run's history; points after that are left out, and
 * a batch that has nothing else is refused.
 *
 * @throws LockstepError `infrastructure.stale-generation`, `bad-input.field`, `auth.not-found`
 */
export async function appendBatch(
  db: Db,
  context: Context,
  { runId, ...body }: AppendBatchInput,
): Promise<AppendedBatch> {
  const batch = parseWith(batchBodySchema, body, { source: 'batch' });
  const series = batch.points
    .filter(({ steps }) => steps.length > 0)
    .map(({ name, labels, steps, values }) => ({
      name,
      labels: canonicalLabels(labels),
      points: checkedPoints({ steps, values: values.map(Number) }),
    }));
  if (context.actor.kind !== 'system')
    await requireRank(db.prisma, context, { runId, generation: batch.generation, rank: null });
  const result = await inPgTransaction(db, (client) => store(client, runId, batch, series));
  if (result.accepted) db.notifier.runChanged(runId, result.cursor);
  return result;
}

async function store(
  client: PoolClient,
  runId: string,
  batch: Batch,
  given: readonly SeriesPoints[],
): Promise<AppendedBatch> {
  const progress = await lockProgress(client, runId);
  const { attempt, cutoff } = await attemptOf(client, runId, batch.generation, progress);
  const source = `${batch.source}@${batch.generation}`;
  const cursor = progress.cursor + batch.events.length + 1;
  const values = countOf(given);
  const known = await recordBatch(client, { runId, source, batch, given, attempt, cursor });
  if (known !== null) return { accepted: false, cursor: known, superseded: 0 };
  const kept = given
    .map((each) => ({ ...each, points: clip(each.points, cutoff) }))
    .filter(({ points }) => points.steps.length > 0);
  const superseded = values - countOf(kept);
  if (superseded > 0 && kept.length === 0 && batch.logs.length === 0 && batch.events.length === 0)
    throw new LockstepError(
      'infrastructure.stale-generation',
      `Generation ${batch.generation} ended at step ${cutoff}; later steps belong to generation ${progress.generation}. End this rank.`,
    );
  const fresh = await withoutRepeated(client, runId, kept);
  if (fresh.length > 0)
    await storeSeries(client, {
      runId,
      organisationId: progress.organisationId,
      attempt,
      cursor,
      series: fresh,
      meaning: metricMeaning,
    });
  await storeEvents(client, runId, batch, progress.cursor);
  await storeLogs(client, runId, batch, cursor);
  await advance(client, runId, batch, cursor, batch.generation === progress.generation, fresh.length > 0);
  return { accepted: true, cursor, superseded };
}

async function lockProgress(client: PoolClient, runId: string): Promise<Progress> {
  const { rows } = await client.query<Progress>(
    `SELECT organisation_id AS "organisationId", cursor, generation, attempt
     FROM run_progress WHERE run_id = $1 FOR NO KEY UPDATE`,
    [runId],
  );
  const [row] = rows;
  if (row === undefined) throw notFound('run');
  return row;
}

/** The attempt of a generation, and the step from which on its points are superseded. */
async function attemptOf(
  client: PoolClient,
  runId: string,
  generation: number,
  progress: Progress,
): Promise<{ attempt: number; cutoff: number | null }> {
  if (generation === progress.generation) return { attempt: progress.attempt, cutoff: null };
  const { rows } = await client.query<{ attempt: number; cutoff: number | null }>(
    `SELECT generation.attempt, attempt.cutoff
     FROM generation JOIN attempt ON attempt.run_id = generation.run_id AND attempt.number = generation.attempt
     WHERE generation.run_id = $1 AND generation.number = $2`,
    [runId, generation],
  );
  const [row] = rows;
  if (row === undefined)
    throw new LockstepError('infrastructure.stale-generation', `The run has no generation ${generation}.`);
  return row;
}

/** Null if the batch is new; else the cursor under which it was stored. */
async function recordBatch(
  client: PoolClient,
  row: { runId: string; source: string; batch: Batch; given: readonly SeriesPoints[]; attempt: number; cursor: number },
): Promise<number | null> {
  const { runId, source, batch, given, attempt, cursor } = row;
  const digest = digestOf(batch, given);
  const { progress } = batch;
  const { rowCount } = await client.query(
    `INSERT INTO metric_batch (run_id, source, sequence, generation, attempt, cursor, step, epoch, samples_seen,
       training_seconds, core_seconds, "values", digest)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING`,
    [
      runId,
      source,
      batch.sequence,
      batch.generation,
      attempt,
      cursor,
      progress?.step ?? null,
      progress?.epoch ?? null,
      progress === undefined ? null : Math.round(progress.samples),
      progress?.trainingSeconds ?? null,
      progress?.coreSeconds ?? null,
      countOf(given),
      digest,
    ],
  );
  if (rowCount === 1) return null;
  const { rows } = await client.query<{ cursor: number; digest: Buffer }>(
    'SELECT cursor, digest FROM metric_batch WHERE run_id = $1 AND source = $2 AND sequence = $3',
    [runId, source, batch.sequence],
  );
  if (rows[0] === undefined || !rows[0].digest.equals(digest))
    throw new LockstepError(
      'bad-input.field',
      `sequence: batch ${batch.sequence} of ${source} is there with other content. Number every batch anew.`,
    );
  return rows[0].cursor;
}

/** Tells a second sending from another batch of the same number. */
function digestOf({ logs, events }: Batch, given: readonly SeriesPoints[]): Buffer {
  const hash = createHash('sha256');
  for (const { name, labels, points } of given)
    hash.update(`${name}\n${labels}\n${points.steps.length}\n`).update(encodePoints(points));
  return hash.update(JSON.stringify([logs, events])).digest();
}

function countOf(series: readonly SeriesPoints[]): number {
  return series.reduce((sum, { points }) => sum + points.steps.length, 0);
}

async function storeEvents(
  client: PoolClient,
  runId: string,
  { events, generation }: Batch,
  before: number,
): Promise<void> {
  if (events.length === 0) return;
  await client.query(
    `INSERT INTO run_event (run_id, cursor, at, kind, generation, data)
     SELECT $1, cursor, at, kind, $2, data
     FROM unnest($3::bigint[], $4::timestamptz[], $5::text[], $6::jsonb[]) AS event (cursor, at, kind, data)`,
    [
      runId,
      generation,
      events.map((_, index) => before + index + 1),
      events.map(({ time }) => time),
      events.map(({ kind }) => kind),
      events.map(({ step, data }) => withoutNul(JSON.stringify(step === null ? data : { ...data, step }))),
    ],
  );
}

async function storeLogs(
  client: PoolClient,
  runId: string,
  { logs, generation, source }: Batch,
  cursor: number,
): Promise<void> {
  if (logs.length === 0) return;
  await client.query(
    'INSERT INTO log_chunk (run_id, cursor, generation, source, lines, count) VALUES ($1, $2, $3, $4, $5, $6)',
    [runId, cursor, generation, source, withoutNul(JSON.stringify(logs)), logs.length],
  );
}

/** How far the run is; only its present generation says so. */
async function advance(
  client: PoolClient,
  runId: string,
  { progress }: Batch,
  cursor: number,
  isPresent: boolean,
  hasMetrics: boolean,
): Promise<void> {
  const told = isPresent ? progress : undefined;
  await client.query(
    `UPDATE run_progress SET cursor = $2, updated_at = now(),
       first_metric_at = CASE WHEN $3 THEN coalesce(first_metric_at, now()) ELSE first_metric_at END,
       step = coalesce($4, step), epoch = coalesce($5, epoch), samples_seen = coalesce($6, samples_seen),
       training_seconds = coalesce($7, training_seconds), core_seconds = coalesce($8, core_seconds),
       samples_per_second = coalesce($9, samples_per_second)
     WHERE run_id = $1`,
    [
      runId,
      cursor,
      hasMetrics,
      told?.step ?? null,
      told?.epoch ?? null,
      told === undefined ? null : Math.round(told.samples),
      told?.trainingSeconds ?? null,
      told?.coreSeconds ?? null,
      told?.samplesPerSecond ?? null,
    ],
  );
}

function canonicalLabels(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** Points by step; a source that sends them out of order is not punished for it. */
function checkedPoints(points: Points): Points {
  const tooLarge = points.steps.find((step) => step > largestStep);
  if (tooLarge !== undefined)
    throw new LockstepError('bad-input.field', `points: expected steps up to ${largestStep}, got ${tooLarge}.`);
  return inOrder(points);
}
