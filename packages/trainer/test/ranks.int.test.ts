import { join } from 'node:path';
import type { ResolvedSpec, RunSpec } from '@lockstep/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TinyImages, writeTinyImages } from '../../engine/test/tiny-images.js';
import { readMetrics } from '../src/run-folder/metrics-log.js';
import type { RunEvent } from '../src/supervisor/run-events.js';
import type { RunSummary } from '../src/supervisor/run-summary.js';
import { type SupervisedOptions, supervised, withRunDir } from './supervised.js';

let data: TinyImages;

beforeAll(async () => {
  data = await writeTinyImages({ trainSamples: 1003, validationSamples: 205, size: 12 });
});
afterAll(() => data.remove());

const lenet: RunSpec['model'] = {
  layers: [
    { op: 'conv2d', outChannels: 4, kernel: 5 },
    { op: 'tanh' },
    { op: 'maxPool2d', kernel: 2 },
    { op: 'flatten' },
    { op: 'dropout', rate: 0.2 },
    { op: 'linear', outFeatures: 16 },
    { op: 'tanh' },
    { op: 'linear', outFeatures: 3 },
  ],
};
const residual: RunSpec['model'] = {
  layers: [
    { name: 'conv1', op: 'conv2d', outChannels: 4, kernel: 3, padding: 1, bias: false },
    { name: 'bn1', op: 'batchNorm' },
    { name: 'relu1', op: 'relu' },
    { name: 'conv2', op: 'conv2d', outChannels: 4, kernel: 3, padding: 1, bias: false },
    { name: 'bn2', op: 'batchNorm' },
    { name: 'sum', op: 'add', inputs: ['bn2', 'relu1'] },
    { op: 'relu' },
    { op: 'avgPool2d', kernel: 12 },
    { op: 'flatten' },
    { op: 'linear', outFeatures: 3 },
  ],
};

const specOf = (changes: Partial<RunSpec> = {}): ResolvedSpec =>
  data.resolve({
    model: lenet,
    lanes: 8,
    validation: { batchSize: 50 },
    checkpoint: { everySteps: 7 },
    ...changes,
    training: {
      epochs: 12,
      batchSize: 24,
      optimizer: { kind: 'sgd', learningRate: 0.05, momentum: 0.9 },
      ...changes.training,
    },
  });

const run = (options: Omit<SupervisedOptions, 'shards'>) =>
  supervised({ ...options, shards: { train: data.train.path, validation: data.validation.path } });

const digests = ({ state, weightsDigest, stateDigest, testLoss }: RunSummary) => [
  state,
  weightsDigest,
  stateDigest,
  testLoss,
];

const known = new Map<string, Promise<unknown[]>>();
/** What a spec comes to on one rank when nothing happens. */
function expected(spec: ResolvedSpec): Promise<unknown[]> {
  const key = JSON.stringify(spec);
  const found =
    known.get(key) ?? withRunDir(async (runDir) => digests((await run({ spec, runDir, workers: 1 })).summary));
  known.set(key, found);
  return found;
}

/** A small seeded generator (mulberry32): tests choose their moments by seed. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

describe('real ranks', () => {
  it.each([
    { name: 'a batch of 24 over 8 lanes', changes: {} },
    {
      name: 'a batch of 100 over 8 lanes, Adam',
      changes: { training: { batchSize: 100, optimizer: { kind: 'adam' } } } as const,
    },
    { name: 'a batch of 12 over 4 lanes', changes: { lanes: 4, training: { batchSize: 12, epochs: 4 } } },
    {
      name: 'a residual net with batch norm',
      changes: { model: residual, lanes: 4, training: { batchSize: 32, epochs: 4 } },
    },
  ])('come to the same bits on 1 to 4 ranks: $name', async ({ changes }) => {
    const spec = specOf(changes);
    for (const [workers, threads] of [
      [1, 2],
      [2, 1],
      [3, 1],
      [4, 1],
    ] as const) {
      await withRunDir(async (runDir) => {
        const { summary } = await run({ spec, runDir, workers, threads });
        expect([workers, ...digests(summary)]).toEqual([workers, ...(await expected(spec))]);
      });
    }
  });

  it('come to the same bits when any of them is killed at any moment', async () => {
    const spec = specOf();
    let losses = 0;
    for (let seed = 1; seed <= 30; seed++) {
      await withRunDir(async (runDir) => {
        const next = random(seed);
        const workers = 2 + next(2);
        const kills = new Map(
          Array.from({ length: 1 + next(2) }, (_, index) => [
            index + 1,
            {
              rank: next(workers),
              type: (['progress', 'ready', 'evaluating', 'checkpoint'] as const)[next(4)],
              step: next(250),
            },
          ]),
        );
        const { summary, events } = await run({
          spec,
          runDir,
          workers,
          deadlineMs: 5000,
          onEvent: (event, supervisor) => {
            if (!('generation' in event)) return;
            const kill = kills.get(event.generation);
            if (kill?.type !== event.type || ('step' in event && event.step < kill.step)) return;
            const pid = supervisor.pids()[kill.rank];
            if (pid) process.kill(pid, 'SIGKILL');
            kills.delete(event.generation);
          },
        });
        losses += events.filter((event) => event.type === 'rank-lost').length;
        expect([seed, ...digests(summary)]).toEqual([seed, ...(await expected(spec))]);
        let step = 0;
        for (const row of readMetrics(join(runDir, 'metrics.jsonl'))) {
          if (row.kind !== 'train') continue;
          expect(row.step - row.steps).toBe(step);
          step = row.step;
        }
        expect(step).toBe(summary.steps);
      });
    }
    expect(losses).toBeGreaterThan(20);
  });

  it('replace a rank that was stopped past its deadline; when it is continued it is gone', async () => {
    const spec = specOf({ training: { epochs: 30 } });
    await withRunDir(async (runDir) => {
      let stopped: number | null = null;
      const continued: (string | null)[] = [];
      const { summary, events } = await run({
        spec,
        runDir,
        workers: 3,
        deadlineMs: 1500,
        onEvent: (event, supervisor) => {
          if (stopped === null && event.type === 'progress' && event.step >= 20) {
            stopped = supervisor.pids()[1] ?? null;
            if (stopped !== null) process.kill(stopped, 'SIGSTOP');
          }
          if (event.type === 'ready' && event.generation === 2 && stopped !== null) continued.push(signalled(stopped));
        },
      });
      expect(events.filter((event) => event.type === 'rank-lost')).toHaveLength(1);
      expect(continued).toEqual(['ESRCH']);
      expect(digests(summary)).toEqual(await expected(spec));
    });
  });

  it('go on when a rank is stopped for less than its deadline', async () => {
    const spec = specOf({ training: { epochs: 30 } });
    await withRunDir(async (runDir) => {
      let isStopped = false;
      const { summary, events } = await run({
        spec,
        runDir,
        workers: 2,
        deadlineMs: 20_000,
        onEvent: (event, supervisor) => {
          if (isStopped || event.type !== 'progress' || event.step < 20) return;
          isStopped = true;
          const pid = supervisor.pids()[0] as number;
          process.kill(pid, 'SIGSTOP');
          setImmediate(() => process.kill(pid, 'SIGCONT'));
        },
      });
      expect(events.filter((event) => event.type === 'rank-lost')).toHaveLength(0);
      expect(digests(summary)).toEqual(await expected(spec));
    });
  });

  it('are refused when their numeric classes differ', async () => {
    await withRunDir(async (runDir) => {
      const environment = { LOCKSTEP_TEST_NUMERIC_CLASS: '1=another-compiler' };
      const { summary } = await run({ spec: specOf(), runDir, environment });
      expect(summary).toMatchObject({ state: 'failed', reason: 'numeric-class', steps: 0 });
      expect(summary.failure?.message).toContain('test "none" against "another-compiler"');
    });
  });

  it('do not continue a run of another numeric class', async () => {
    await withRunDir(async (runDir) => {
      const spec = specOf();
      await run({ spec, runDir, onEvent: (event, supervisor) => event.type === 'checkpoint' && supervisor.stop() });
      const environment = { LOCKSTEP_TEST_NUMERIC_CLASS: '0=another-cpu,1=another-cpu' };
      const { summary } = await run({ spec, runDir, resume: true, environment });
      expect(summary).toMatchObject({ state: 'failed', reason: 'numeric-class' });
      expect(summary.failure?.message).toContain('This run was trained in another numeric class');
      expect(digests((await run({ spec, runDir, resume: true })).summary)).toEqual(await expected(spec));
    });
  });

  it('stop at one step when asked, and continue on another number of ranks to the same bits', async () => {
    const spec = specOf();
    await withRunDir(async (runDir) => {
      const stopAt = (wanted: RunEvent['type'], step: number): Pick<SupervisedOptions, 'onEvent'> => ({
        onEvent: (event, supervisor) => {
          if (event.type === wanted && 'step' in event && event.step >= step) supervisor.stop();
        },
      });
      const first = await run({ spec, runDir, workers: 3, ...stopAt('progress', 50) });
      expect(first.summary).toMatchObject({ state: 'cancelled', reason: 'user' });
      const second = await run({ spec, runDir, workers: 1, resume: true, ...stopAt('evaluating', 150) });
      expect(second.summary.steps).toBeGreaterThanOrEqual(150);
      const third = await run({ spec, runDir, workers: 2, resume: true });
      expect(digests(third.summary)).toEqual(await expected(spec));
    });
  });

  it('name the step and the first layer where numbers stop being finite', async () => {
    await withRunDir(async (runDir) => {
      // Every step multiplies the weights by about a million.
      const spec = specOf({ training: { optimizer: { kind: 'sgd', learningRate: 1, weightDecay: 1e6 } } });
      const { summary } = await run({ spec, runDir, workers: 3 });
      expect(summary).toMatchObject({ state: 'failed', reason: 'non-finite' });
      expect(summary.failure?.node).toMatch(/^[a-zA-Z]+\d$/);
      expect(summary.failure?.step).toBeLessThan(50);
    });
  });
});

/** What comes of telling a process to go on: null, or the system's code. */
function signalled(pid: number): string | null {
  try {
    process.kill(pid, 'SIGCONT');
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
}
