import { fileURLToPath } from 'node:url';
import type {
  AgentActivities,
  PlaceRunResult,
  RankRef,
  RankReport,
  RunActivities,
  RunOutcome,
  SetRunState,
} from '@lockstep/contracts';
import { agentTaskQueue, runSignals, runWorkflowId, workflowTypes } from '@lockstep/contracts';
import { Context } from '@temporalio/activity';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordHistories } from './record-histories.js';

// The workflow of a run on a real Temporal server, with agents and database that tests script. What agents and database
// do is tested with real ones in the other suites.

const controlQueue = `control-of-scripts-${process.pid}`;
const workflowBundle = { codePath: fileURLToPath(new URL('../dist/workflow-bundle.js', import.meta.url)) };
const digests = { weightsDigest: 'a'.repeat(64), stateDigest: 'b'.repeat(64) };
const finished = {
  status: 'finished',
  reason: 'all-epochs',
  step: 10,
  epoch: 1,
  testLoss: 0.1,
  testAccuracy: 0.9,
  ...digests,
} as const;
const stopped: RankReport = { ...finished, reason: 'user' };
const killed: RankReport = { status: 'lost', message: 'Rank 1 was killed.', crashed: false, certain: true };

/** What the agent of a rank answers to each watch, in turn; `silence` answers when the rank is stopped. */
type Answers = readonly (RankReport | 'silence')[];

interface ScriptedRun {
  readonly runId: string;
  readonly answers: (generation: number, rank: number) => Answers;
  readonly place: (attempt: number) => PlaceRunResult;
  placements: number;
  /** What happened, in order. */
  readonly states: string[];
  /** Called with every state. */
  readonly watchers: Set<() => void>;
  readonly orders: string[];
  outcome: RunOutcome | null;
}

const runs = new Map<string, ScriptedRun>();

function runOf(runId: string): ScriptedRun {
  const run = runs.get(runId);
  if (!run) throw new Error(`There is no script for ${runId}.`);
  return run;
}

const control: RunActivities = {
  placeRun: async ({ runId }) => {
    const run = runOf(runId);
    run.placements += 1;
    return run.place(run.placements);
  },
  releaseRun: async ({ runId, nodeIds }) => void runOf(runId).orders.push(`release ${nodeIds.join(' ')}`),
  formGeneration: async ({ runId, generation }) => {
    runOf(runId).orders.push(`form ${generation}`);
    return { generation, originStep: 0 };
  },
  endGeneration: async ({ runId, generation, outcome }) =>
    void runOf(runId).orders.push(`end ${generation} ${outcome}`),
  setRunState: async ({ runId, state }: SetRunState) => {
    const run = runOf(runId);
    run.states.push(state);
    for (const watcher of run.watchers) watcher();
  },
  finishRun: async ({ runId, outcome }) => {
    runOf(runId).outcome = outcome;
  },
};

async function untilState({ states, watchers }: ScriptedRun, state: string): Promise<void> {
  if (states.at(-1) === state) return;
  await new Promise<void>((resolve) => {
    const watcher = (): void => {
      if (states.at(-1) !== state) return;
      watchers.delete(watcher);
      resolve();
    };
    watchers.add(watcher);
  });
}

const asked = new Map<string, number>();
/** Silent watches by rank: a stop ends them. */
const silent = new Map<string, () => void>();
const key = ({ runId, generation, rank }: RankRef) => `${runId}/${generation}/${rank}`;

function agent(nodeId: string): AgentActivities {
  return {
    startTrainer: async ({ runId, generation, rank }) =>
      void runOf(runId).orders.push(`start ${generation}/${rank} on ${nodeId}`),
    watchTrainer: async (ref) => {
      const count = asked.get(key(ref)) ?? 0;
      asked.set(key(ref), count + 1);
      const answer = runOf(ref.runId).answers(ref.generation, ref.rank)[count] ?? 'silence';
      const whenStopped = new Promise<RankReport>((resolve) => silent.set(key(ref), () => resolve(stopped)));
      // As ranks take a while between their reports: each comes once the run was told of the one before.
      const before = answer === delivering ? 'training' : answer === finished ? 'stopping' : null;
      if (answer !== 'silence' && before === null) return answer;
      const { heartbeat } = Context.current();
      const alive = setInterval(() => heartbeat(), 1000);
      try {
        if (answer === 'silence' || before === null) return await whenStopped;
        return await Promise.race([untilState(runOf(ref.runId), before).then(() => answer), whenStopped]);
      } finally {
        clearInterval(alive);
      }
    },
    stopTrainer: async (ref) => {
      runOf(ref.runId).orders.push(`stop ${ref.generation}/${ref.rank} ${ref.how}`);
      // Rank 0 tells the others through the session, so that all end at one step.
      const ended = ref.how === 'checkpoint' ? [0, 1].map((rank) => key({ ...ref, rank })) : [key(ref)];
      for (const rank of ended) silent.get(rank)?.();
    },
  };
}

let native: NativeConnection;
let connection: Connection;
let client: Client;
const workers: { worker: Worker; ended: Promise<void> }[] = [];

async function serve(taskQueue: string, activities: object, withWorkflows: boolean): Promise<void> {
  const worker = await Worker.create({
    connection: native,
    taskQueue,
    activities,
    ...(withWorkflows ? { workflowBundle } : {}),
    shutdownForceTime: '1s',
  });
  workers.push({ worker, ended: worker.run() });
}

beforeAll(async () => {
  const address = process.env.LOCKSTEP_TEST_TEMPORAL_ADDRESS ?? '';
  native = await NativeConnection.connect({ address });
  connection = await Connection.connect({ address });
  client = new Client({ connection });
  await serve(controlQueue, control, true);
  for (const nodeId of ['script-a', 'script-b']) await serve(agentTaskQueue(nodeId), agent(nodeId), false);
});

afterAll(async () => {
  for (const { worker } of workers) worker.shutdown();
  await Promise.allSettled(workers.map(({ ended }) => ended));
  await connection?.close();
  await native?.close();
});

const places = (nodes: readonly string[]): PlaceRunResult => ({
  placed: true,
  places: nodes.map((nodeId, rank) => ({ rank, nodeId, taskQueue: agentTaskQueue(nodeId) })),
});
const both = () => places(['script-a', 'script-b']);
const ready: RankReport = { status: 'ready' };
const delivering: RankReport = { status: 'delivering', reason: 'all-epochs' };

async function begin(name: string, answers: ScriptedRun['answers'], place: (attempt: number) => PlaceRunResult = both) {
  const runId = `run_${name}_${process.pid}`;
  const run: ScriptedRun = {
    runId,
    answers,
    place,
    placements: 0,
    states: [],
    watchers: new Set(),
    orders: [],
    outcome: null,
  };
  runs.set(runId, run);
  const handle = await client.workflow.start(workflowTypes.run, {
    workflowId: runWorkflowId(runId),
    taskQueue: controlQueue,
    args: [{ runId, carried: null }],
  });
  return {
    run,
    handle,
    end: async () => {
      await handle.result();
      await recordHistories(client, runWorkflowId(runId), name);
      return run;
    },
  };
}

describe('the workflow of a run', () => {
  it('follows its ranks to the end', async () => {
    const { end } = await begin('finished', () => [ready, delivering, finished]);
    const { states, orders, outcome } = await end();
    expect(states).toEqual(['starting', 'training', 'stopping']);
    // The ranks start side by side.
    expect([orders[0], ...orders.slice(1, -1).sort(), orders.at(-1)]).toEqual([
      'form 1',
      'start 1/0 on script-a',
      'start 1/1 on script-b',
      'end 1 finished',
    ]);
    expect(outcome).toMatchObject({
      state: 'completed',
      reason: 'all-epochs',
      result: { testAccuracy: 0.9, ...digests },
    });
  });

  it('stops the other ranks when one is lost, and forms the next generation in the same places', async () => {
    const { end } = await begin('lost', (generation, rank) =>
      generation === 1 ? (rank === 1 ? [ready, killed] : [ready, 'silence']) : [ready, delivering, finished],
    );
    const { states, orders, outcome } = await end();
    expect(states).toEqual(['starting', 'training', 'recovering', 'starting', 'training', 'stopping']);
    expect(orders).toContain('stop 1/0 now');
    expect(orders.indexOf('end 1 lost')).toBeLessThan(orders.indexOf('form 2'));
    expect(orders).toContain('start 2/1 on script-b');
    expect(orders.filter((order) => order.startsWith('release'))).toEqual([]);
    expect(outcome).toMatchObject({ state: 'completed' });
  });

  it('gives the place on a silent agent back and is placed anew', async () => {
    const { end } = await begin(
      'silent-agent',
      () => [ready, delivering, finished],
      (attempt) => places(attempt === 1 ? ['script-a', 'nobody'] : ['script-a', 'script-b']),
    );
    const { orders, outcome } = await end();
    expect(orders).toContain('release nobody');
    expect(orders).toContain('start 2/1 on script-b');
    expect(outcome).toMatchObject({ state: 'completed' });
  });

  it('waits for a place, and looks at once when it is woken', async () => {
    const waiting: PlaceRunResult = { placed: false, reason: 'no-capacity', message: 'Waiting for 2 workers.' };
    const { handle, run, end } = await begin(
      'waiting',
      () => [ready, delivering, finished],
      (attempt) => (attempt < 3 ? waiting : both()),
    );
    await handle.signal(runSignals.wake);
    await end();
    expect(run.states).toEqual(['queued', 'starting', 'training', 'stopping']);
    expect(run.outcome).toMatchObject({ state: 'completed' });
  });

  it('asks rank 0 for a checkpoint when it is cancelled, and keeps the result', async () => {
    const { handle, run, end } = await begin('cancelled', () => [ready, 'silence']);
    await expect.poll(() => run.states, { timeout: 30_000 }).toContain('training');
    await handle.signal(runSignals.cancel);
    expect((await end()).outcome).toMatchObject({ state: 'cancelled', reason: 'user', result: digests });
    expect(run.orders).toContain('stop 1/0 checkpoint');
  });

  it('ends a run that fails, with what the earliest rank found', async () => {
    const failure = (node: string, nodeOrder: number): RankReport => ({
      status: 'failed',
      code: 'numerics.non-finite',
      message: `${node} is not finite.`,
      node,
      nodeOrder,
      step: 3,
    });
    const { end } = await begin('failed', (_, rank) => [ready, rank === 0 ? failure('fc2', 5) : failure('conv1', 1)]);
    expect((await end()).outcome).toMatchObject({
      state: 'failed',
      reason: 'non-finite',
      failure: { node: 'conv1', step: 3 },
    });
  });
});
