import type { Context } from '../../access/actor.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';
import { requireRun } from './require-run.js';

/** More are thinned out; what lies between is near enough to a straight line. */
const mostRows = 2000;

/** What had been spent when a step was reached: by every generation up to then, also on steps that were computed again. */
export interface RunClock {
  /** Rising. */
  readonly steps: readonly number[];
  /** Seconds in which ranks trained. */
  readonly trainingSeconds: readonly number[];
  readonly coreSeconds: readonly number[];
}

interface Row {
  step: number;
  seconds: number;
  core_seconds: number;
}

/** Maps steps of a run to training time and core-seconds. */
export async function runClock(
  db: Db,
  context: Context,
  { organisationId, runId }: { organisationId: string; runId: string },
): Promise<RunClock> {
  return reading(async () => {
    await requireRun(db, context, organisationId, runId);
    const { rows } = await db.pool.query<Row>(
      `WITH told AS (
         SELECT batch.generation, batch.step, batch.training_seconds, batch.core_seconds, attempt.cutoff
         FROM metric_batch AS batch JOIN attempt ON attempt.run_id = $1 AND attempt.number = batch.attempt
         WHERE batch.run_id = $1 AND batch.step IS NOT NULL),
       spent AS (
         SELECT generation, sum(max(training_seconds)) OVER earlier AS seconds, sum(max(core_seconds)) OVER earlier AS core_seconds
         FROM told GROUP BY generation
         WINDOW earlier AS (ORDER BY generation ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)),
       counted AS (
         SELECT told.step, told.training_seconds + coalesce(spent.seconds, 0) AS seconds,
           told.core_seconds + coalesce(spent.core_seconds, 0) AS core_seconds,
           row_number() OVER (ORDER BY told.step, generation) AS place, count(*) OVER () AS total
         FROM told JOIN spent USING (generation) WHERE told.cutoff IS NULL OR told.step <= told.cutoff)
       SELECT step, seconds, core_seconds FROM counted
       WHERE place IN (1, total) OR place % ceil(total::float8 / $2)::bigint = 0 ORDER BY place`,
      [runId, mostRows],
    );
    return {
      steps: rows.map(({ step }) => step),
      trainingSeconds: rows.map(({ seconds }) => seconds),
      coreSeconds: rows.map(({ core_seconds: spent }) => spent),
    };
  });
}
