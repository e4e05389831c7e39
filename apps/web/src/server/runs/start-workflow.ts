import { describeError, log } from '../log.js';
import type { Orchestrator } from '../services/orchestrator.js';

/**
 * Begins the workflow of a run that is in the database. Where that fails the run stays queued, and a control worker begins
 * it later: creating a run does not need Temporal.
 */
export async function startWorkflow(
  orchestrator: Orchestrator | null,
  runId: string,
  requestId: string,
): Promise<void> {
  try {
    await orchestrator?.startRun(runId);
  } catch (error) {
    log('warning', 'the workflow of a run was not started; it stays queued', {
      requestId,
      runId,
      error: describeError(error),
    });
  }
}

/** Tells the workflow that its run was cancelled; it also finds out by itself when it looks at the row. */
export async function signalCancel(orchestrator: Orchestrator | null, runId: string, requestId: string): Promise<void> {
  try {
    await orchestrator?.cancelRun(runId);
  } catch (error) {
    log('warning', 'the workflow of a run was not told of its cancellation', {
      requestId,
      runId,
      error: describeError(error),
    });
  }
}
