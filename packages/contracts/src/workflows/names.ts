/**
 * How workflows, task queues and signals are called. Everybody who starts, signals or serves them takes the names from
 * here; they are stored in histories, so that they never change.
 */

/** Workflows and control activities: served by every control worker. */
export const controlTaskQueue = 'control';

/** Activities of one agent; served by that agent alone. */
export function agentTaskQueue(nodeId: string): string {
  return `agent-${nodeId}`;
}

export const workflowTypes = { run: 'run', pool: 'pool' } as const;

/** One workflow for each run, whatever starts it: a second start of the same id is refused by Temporal. */
export function runWorkflowId(runId: string): string {
  return `run/${runId}`;
}

export function poolWorkflowId(poolId: string): string {
  return `pool/${poolId}`;
}

export const runSignals = {
  /** Somebody wants the run to end: it takes a checkpoint if it is training. */
  cancel: 'cancel',
  /** Something changed that the run may be waiting for: a node came, another run ended. */
  wake: 'wake',
} as const;

export const poolSignals = {
  /** Argument: a `PoolChange`. */
  resize: 'resize',
  /** Look at the pool now. */
  wake: 'wake',
} as const;
