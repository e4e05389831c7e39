import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { stepsPerEpoch } from '../../src/train/train-state.js';
import { namedCases, type SessionCase } from '../sessions/session-cases.js';
import { type SessionData, writeSessionData } from '../sessions/session-data.js';

const run = promisify(execFile);
const child = fileURLToPath(new URL('train-child.mjs', import.meta.url));
const shimSource = fileURLToPath(new URL('count-allocations.c', import.meta.url));

/** A process that trains; resident bytes after each burst. */
async function train(
  data: SessionData,
  sessionCase: SessionCase,
  options: { worldSize: number; threads: number; steps: number; burst: number; environment?: Record<string, string> },
): Promise<number[]> {
  const spec = data.resolve(sessionCase.spec);
  const { worldSize, threads } = options;
  const file = join(data.folder, 'options.json');
  const shards = { trainShard: data.train, validationShard: data.validation };
  const given = { spec, ...shards, worldSize, threads, stepsPerEpoch: stepsPerEpoch(spec), rate: 0.001 };
  await writeFile(file, JSON.stringify(given));
  const { stdout } = await run(process.execPath, ['--expose-gc', child, file, `${options.steps}`, `${options.burst}`], {
    env: { ...process.env, ...options.environment },
  });
  return JSON.parse(stdout);
}

async function withData(
  sessionCase: SessionCase,
  trainSamples: number,
  use: (data: SessionData) => Promise<void>,
): Promise<void> {
  const data = await writeSessionData({ ...sessionCase.data, trainSamples });
  try {
    await use(data);
  } finally {
    await data.remove();
  }
}

describe('memory of a long run', () => {
  it.each([
    { worldSize: 1, threads: 1, steps: 100_000 },
    { worldSize: 2, threads: 1, steps: 10_000 },
  ])('is flat: $steps steps on $worldSize ranks of $threads threads', ({ worldSize, threads, steps }) =>
    withData(namedCases.softmax, 32_000, async (data) => {
      const rssBytes = await train(data, namedCases.softmax, { worldSize, threads, steps, burst: 1_000 });
      // Caches, code and heaps settle in the first tenth.
      const settled = Math.max(...rssBytes.slice(0, rssBytes.length / 10));
      const grownBytes = (rssBytes.at(-1) ?? 0) - settled;
      console.log(`${steps} steps: ${grownBytes / 1024} KiB more after the first tenth, ${settled >> 20} MiB in all`);
      expect(grownBytes).toBeLessThan(4 * 2 ** 20);
    }),
  );
});

/** Small batch norm, whose statistics are kernels of our own. */
const normalised: SessionCase = {
  name: 'batch norm',
  data: { ...namedCases.lenet.data, shape: [1, 6, 6] },
  spec: {
    ...namedCases.lenet.spec,
    model: {
      layers: [
        { op: 'conv2d', outChannels: 4, kernel: 3 },
        { op: 'batchNorm' },
        { op: 'relu' },
        { op: 'flatten' },
        { op: 'linear', outFeatures: 4 },
      ],
    },
    training: { ...namedCases.lenet.spec.training, batchSize: 32 },
    lanes: 4,
  },
};

/** Between a short and a long run only steps differ: the difference is what steps allocate. */
describe('steps allocate nothing of their own', () => {
  it.each([
    ['softmax regression', namedCases.softmax, 1, 1_000],
    ['MLP, dropout, Adam', namedCases.mlp, 1, 1_000],
    [
      'convolutions side by side',
      { ...namedCases.wideLanes, spec: { ...namedCases.wideLanes.spec, lanes: 2, training: { batchSize: 32 } } },
      1,
      1_000,
    ],
    ['batch norm', normalised, 1, 1_000],
    // Gloo keeps a queue of messages.
    ['softmax regression on two ranks', namedCases.softmax, 2, 1_000],
  ] as const)('%s', async (_title, sessionCase, worldSize, steps) => {
    const batch = sessionCase.spec.training?.batchSize ?? 1;
    await withData(sessionCase, batch * 1_000, async (data) => {
      const shim = join(data.folder, 'count-allocations.so');
      await run('cc', ['-shared', '-fPIC', '-O1', '-o', shim, shimSource, '-ldl']);
      const count = async (most: number): Promise<number[]> => {
        const file = join(data.folder, 'allocations');
        const environment = { LD_PRELOAD: shim, ALLOCATIONS_FILE: file };
        await train(data, sessionCase, { worldSize, threads: 1, steps: most, burst: 1_000, environment });
        return (await readFile(file, 'utf8')).split(' ').map(Number);
      };
      const [few, many] = [await count(10), await count(steps)];
      const perStep = many.map((total, index) => (total - (few[index] ?? 0)) / (steps - 10));
      const [others = Number.NaN, inside = Number.NaN, executions = Number.NaN] = perStep;
      expect(others).toBeLessThan(worldSize === 1 ? 0.1 : 16 * worldSize);
      // oneDNN's execute makes a map of its arguments: a few nodes a call, the same number in every step.
      expect(executions).toBeGreaterThan(0);
      expect(inside / executions).toBeLessThan(12);
    });
  });
});
