import {
  controlTaskQueue,
  type PoolWorkflowInput,
  poolSignals,
  poolWorkflowId,
  type RunWorkflowInput,
  runSignals,
  runWorkflowId,
  workflowTypes,
} from '@lockstep/contracts';
import {
  type Context,
  compactMetrics,
  type Db,
  deletedRuns,
  deleteExpired,
  listPools,
  purgeRun,
  runsAtWork,
} from '@lockstep/db';
import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';

export interface SweepOptions {
  db: Db;
  context: Context;
  client: Client;
  log: (line: string) => void;
}

/**
 * Mends what a crash between a commit and the call after it leaves: a run without a workflow, a cancellation that was not
 * signalled, a pool whose size the workflow was not told, a deleted run that still takes space. Any number of control
 * workers may do it at the same time.
 */
export async function sweep(options: SweepOptions): Promise<void> {
  await sweepRuns(options);
  await sweepPools(options);
  const { db, context } = options;
  for (const runId of await deletedRuns(db, context)) await purgeRun(db, context, { runId });
  await tidy(options);
}

/** What only costs space is looked at less often. */
const tidyMs = 60_000;
const tidiedAt = new WeakMap<Client, number>();

/** Deletes what has run out, and joins small chunks of metrics. */
async function tidy({ db, context, client }: SweepOptions): Promise<void> {
  if (performance.now() - (tidiedAt.get(client) ?? Number.NEGATIVE_INFINITY) < tidyMs) return;
  tidiedAt.set(client, performance.now());
  await deleteExpired(db, context);
  await compactMetrics(db, context);
}

async function sweepRuns({ db, context, client, log }: SweepOptions): Promise<void> {
  for (let after: string | undefined; ; ) {
    const page = await runsAtWork(db, context, after === undefined ? {} : { after });
    for (const { runId, cancelRequested } of page) {
      const input: RunWorkflowInput = { runId, carried: null };
      const started = await startOnce(client, workflowTypes.run, runWorkflowId(runId), input);
      if (started) log(`started the workflow of ${runId}, which had none`);
      if (cancelRequested) await signal(client, runWorkflowId(runId), runSignals.cancel);
    }
    after = page.at(-1)?.runId;
    if (after === undefined || page.length === 0) return;
  }
}

const told = new WeakMap<Client, Map<string, number>>();

async function sweepPools({ db, context, client }: SweepOptions): Promise<void> {
  const sizes = told.get(client) ?? new Map<string, number>();
  told.set(client, sizes);
  for (const { poolId, provider, desiredNodes } of await listPools(db, context)) {
    if (provider !== 'local' || sizes.get(poolId) === desiredNodes) continue;
    // A pool that never had a node needs no workflow.
    if (!sizes.has(poolId) && desiredNodes === 0 && !(await exists(client, poolWorkflowId(poolId)))) continue;
    const input: PoolWorkflowInput = { poolId, desired: desiredNodes, closing: false };
    const started = await startOnce(client, workflowTypes.pool, poolWorkflowId(poolId), input);
    if (!started) await signal(client, poolWorkflowId(poolId), poolSignals.resize, { desired: desiredNodes });
    sizes.set(poolId, desiredNodes);
  }
}

/** Known workflows, so that a sweep asks Temporal only once about each. */
const seen = new WeakMap<Client, Set<string>>();

async function startOnce(client: Client, type: string, workflowId: string, input: object): Promise<boolean> {
  const known = seen.get(client) ?? new Set<string>();
  seen.set(client, known);
  if (known.has(workflowId)) return false;
  try {
    await client.workflow.start(type, {
      workflowId,
      taskQueue: controlTaskQueue,
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      args: [input],
    });
    known.add(workflowId);
    return true;
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    known.add(workflowId);
    return false;
  }
}

async function exists(client: Client, workflowId: string): Promise<boolean> {
  try {
    return (await client.workflow.getHandle(workflowId).describe()).status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

async function signal(client: Client, workflowId: string, name: string, ...args: unknown[]): Promise<void> {
  try {
    await client.workflow.getHandle(workflowId).signal(name, ...args);
  } catch (error) {
    // It has ended meanwhile.
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}
