import { setTimeout as pause } from 'node:timers/promises';
import { describeError, log } from '../log.js';
import type { Orchestrator } from '../services/orchestrator.js';

/** Pauses between tries; after the last one it is left to the sweep of the control workers. */
const pausesMs = [500, 2000, 8000];

/**
 * Begins the workflow of a run that is in the database. Nobody waits for it: creating a run does not need Temporal, and
 * queued runs without a workflow are found by the control workers.
 */
export function startWorkflow(orchestrator: Orchestrator | null, runId: string, requestId: string): void {
  if (orchestrator !== null) {
    void persist('start', { runId, requestId }, () => orchestrator.startRun(runId));
  }
}

/** Tells the workflow that its run was cancelled; the row says so too. */
export function signalCancel(orchestrator: Orchestrator | null, runId: string, requestId: string): void {
  if (orchestrator !== null) {
    void persist('cancel', { runId, requestId }, () => orchestrator.cancelRun(runId));
  }
}

async function persist(
  what: 'start' | 'cancel',
  ids: Record<string, string>,
  action: () => Promise<void>,
): Promise<void> {
  for (const pauseMs of [...pausesMs, null]) {
    try {
      await action();
      return;
    } catch (error) {
      if (pauseMs === null)
        log('warning', `${what}: the workflow of a run was not reached`, { ...ids, error: describeError(error) });
      else await pause(pauseMs, undefined, { ref: false });
    }
  }
}
