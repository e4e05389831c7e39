import { isFinalRunState, LockstepError, type RunState } from '@lockstep/contracts';
import { notFound } from '../access/refusals.js';
import type { Tx } from '../database/transaction.js';

/** What a write needs to know of a run; read under its lock. */
export interface LockedRun {
  readonly id: string;
  readonly organisationId: string;
  readonly projectId: string;
  readonly state: RunState;
  readonly deleted: boolean;
  readonly cancelRequested: boolean;
  readonly cursor: number;
  readonly generation: number;
  readonly attempt: number;
}

/**
 * Locks a run for a write. All writes of a run, those of its batches too, wait for each other here, so that its cursor
 * counts without gaps in the order of the commits and no older generation gets past a newer one.
 *
 * @param organisationId the one that the run must be in; null where the system asks
 * @throws LockstepError `auth.not-found`
 */
export async function lockRun(tx: Tx, runId: string, organisationId: string | null): Promise<LockedRun> {
  const rows = await tx.$queryRaw<
    {
      organisation_id: string;
      project_id: string;
      state: RunState;
      deleted: boolean;
      cancel_requested: boolean;
      cursor: bigint;
      generation: number;
      attempt: number;
    }[]
  >`
    SELECT run.organisation_id, run.project_id, run.state::text AS state, run.deleted_at IS NOT NULL AS deleted,
      run.cancel_requested_at IS NOT NULL AS cancel_requested,
      progress.cursor, progress.generation, progress.attempt
    FROM run_progress AS progress JOIN run ON run.id = progress.run_id
    WHERE progress.run_id = ${runId} AND (${organisationId}::text IS NULL OR run.organisation_id = ${organisationId})
    FOR NO KEY UPDATE`;
  const [row] = rows;
  if (row === undefined || (row.deleted && organisationId !== null)) throw notFound('run');
  return {
    id: runId,
    organisationId: row.organisation_id,
    projectId: row.project_id,
    state: row.state,
    deleted: row.deleted,
    cancelRequested: row.cancel_requested,
    cursor: Number(row.cursor),
    generation: row.generation,
    attempt: row.attempt,
  };
}

/** @throws LockstepError `infrastructure.stale-generation` */
export function requireGeneration(run: LockedRun, generation: number): void {
  if (generation === run.generation && !isFinalRunState(run.state)) return;
  const now = isFinalRunState(run.state) ? `the run is ${run.state}` : `the run is at generation ${run.generation}`;
  throw new LockstepError(
    'infrastructure.stale-generation',
    `Expected a write of the run's present generation, got one of generation ${generation}: ${now}. End this rank.`,
  );
}
