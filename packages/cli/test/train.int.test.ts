import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliProcess, isAlive, lockstep, untilGone } from './cli-process.js';
import { writeTinyDataset } from './tiny-dataset.js';

let cwd: string;

const spec = `name: bands
dataset:
  folder: data
model:
  layers:
    - op: conv2d
      outChannels: 4
      kernel: 3
    - op: tanh
    - op: maxPool2d
      kernel: 2
    - op: flatten
    - op: linear
      outFeatures: 2
training:
  epochs: 3
  batchSize: 32
  optimizer:
    kind: sgd
    learningRate: 0.1
    momentum: 0.9
`;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'lockstep-train-'));
  await writeTinyDataset(join(cwd, 'data'), { train: 1000, test: 200, size: 10 });
  await writeFile(join(cwd, 'bands.yaml'), spec);
  await writeFile(
    join(cwd, 'long.yaml'),
    spec.replace('epochs: 3', 'epochs: 9000').replace('name: bands', 'name: long'),
  );
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const resultOf = (stdout: string) => JSON.parse(stdout.trim().split('\n').at(-1) as string) as Record<string, unknown>;

describe('lockstep over native kernels', () => {
  it('trains to the same digests on one, two and three workers, and predicts what it validated', async () => {
    const one = await lockstep(['train', 'bands.yaml', '--json', '--run-dir', 'one'], { cwd });
    const result = resultOf(one.stdout);
    expect(result).toMatchObject({ state: 'completed', reason: 'all-epochs', workers: 1, steps: 96 });
    expect(result.testAccuracy).toBeGreaterThan(0.95);
    for (const workers of ['2', '3']) {
      const { code, stdout } = await lockstep(
        ['train', 'bands.yaml', '--json', '--workers', workers, '--threads', '1'],
        { cwd },
      );
      expect(code).toBe(0);
      for (const field of ['weightsDigest', 'stateDigest', 'testAccuracy', 'testLoss']) {
        expect([workers, resultOf(stdout)[field]]).toEqual([workers, result[field]]);
      }
    }

    const args = ['predict', 'one', '--checkpoint', 'last', '--images', 'data/t10k-images-idx3-ubyte', '--json'];
    const { predictions } = resultOf((await lockstep(args, { cwd })).stdout) as { predictions: { label: number }[] };
    const labels = (await readFile(join(cwd, 'data/t10k-labels-idx1-ubyte'))).subarray(8);
    const right = predictions.filter(({ label }, index) => label === labels[index]).length;
    expect(right / labels.length).toBe(result.testAccuracy);
    expect((await lockstep(['digest', 'one'], { cwd })).stdout).toContain(result.weightsDigest);
  });

  it('stops cleanly on Ctrl-C in a long run, at once on the second', async () => {
    const run = new CliProcess(['train', 'long.yaml', '--workers', '2', '--json'], { cwd });
    await run.says(/images\/s/);
    const ranks = run.children();
    run.child.kill('SIGINT');
    const end = await run.ended;
    expect([end.code, resultOf(end.stdout)]).toEqual([
      130,
      expect.objectContaining({ state: 'cancelled', reason: 'user' }),
    ]);
    expect(resultOf(end.stdout).stateDigest).toMatch(/^[0-9a-f]{64}$/);
    expect(ranks.filter(isAlive)).toEqual([]);

    const again = new CliProcess(
      ['train', '--resume', resultOf(end.stdout).runDir as string, '--workers', '2', '--json'],
      { cwd },
    );
    await again.says(/continuing after step[\s\S]*images\/s/);
    // A stopped rank cannot answer the first Ctrl-C.
    process.kill(again.children()[1] as number, 'SIGSTOP');
    again.child.kill('SIGINT');
    await again.says(/Stopping after/);
    again.child.kill('SIGINT');
    expect((await again.ended).code).toBe(130);
  });

  it('leaves no process behind when the supervisor is killed', async () => {
    const run = new CliProcess(['train', 'long.yaml', '--workers', '3', '--threads', '1'], { cwd });
    await run.says(/images\/s/);
    const ranks = run.children();
    expect(ranks).toHaveLength(3);
    run.child.kill('SIGKILL');
    await run.ended;
    await untilGone(ranks, 10_000);
  });
});
