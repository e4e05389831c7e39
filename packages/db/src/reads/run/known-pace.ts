import type { ResolvedSpec } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import { authorise } from '../../access/authorise.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';

/** Of so many runs, the newest ones, it is looked for. */
const newestRuns = 500;

export interface KnownPace {
  readonly secondsPerEpoch: number;
  readonly runId: string;
  readonly name: string;
}

/**
 * How long an epoch took in the newest completed run with the same model, data, batch and cores. Null if there is none. Runs
 * that lost workers are left out: their times count the last of their generations only.
 */
export async function knownPace(
  db: Db,
  context: Context,
  {
    organisationId,
    resolvedSpec,
    workers,
    threads,
  }: { organisationId: string; resolvedSpec: ResolvedSpec; workers: number; threads: number },
): Promise<KnownPace | null> {
  return reading(async () => {
    const { projectId } = await authorise(db.prisma, context, organisationId, 'runs:read');
    const { graph, data, training, isa } = resolvedSpec;
    const { rows } = await db.pool.query<KnownPace>(
      `SELECT run.id AS "runId", run.name, progress.training_seconds / progress.epoch AS "secondsPerEpoch"
       FROM (SELECT * FROM run WHERE organisation_id = $1 AND deleted_at IS NULL AND state = 'completed'
         AND ($2::text IS NULL OR project_id = $2) ORDER BY id DESC LIMIT $3) AS run
       JOIN run_progress AS progress ON progress.run_id = run.id AND progress.generation = 1 AND progress.epoch > 0
       WHERE run.workers = $4 AND run.threads = $5 AND run.isa = $6 AND run.resolved_spec -> 'graph' = $7::jsonb
         AND run.resolved_spec -> 'data' ->> 'version' = $8 AND (run.resolved_spec -> 'training' ->> 'batchSize')::int = $9
         AND progress.training_seconds > 0
       ORDER BY run.id DESC LIMIT 1`,
      [
        organisationId,
        projectId,
        newestRuns,
        workers,
        threads,
        isa,
        JSON.stringify(graph),
        data.version,
        training.batchSize,
      ],
    );
    return rows[0] ?? null;
  });
}
