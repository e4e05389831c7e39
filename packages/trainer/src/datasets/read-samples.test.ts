import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeShard } from '@lockstep/engine/train';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openShardFile } from './open-shard-file.js';
import { readClassCounts, readSamples } from './read-samples.js';
import { resolveDatasetHere } from './resolve-dataset-here.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lockstep-samples-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function shardOf(samples: Uint8Array | Float32Array, labels: number[]) {
  const path = join(root, 'train.shard');
  await writeFile(path, encodeShard({ shape: [1, 1, 3], classes: 4, samples, labels: Int32Array.from(labels) }));
  return openShardFile(path);
}

describe('readSamples', () => {
  test('gives bytes and labels from a place on, and fewer at the end', async () => {
    const shard = await shardOf(
      Uint8Array.from({ length: 15 }, (_, index) => index),
      [0, 3, 1, 1, 3],
    );
    expect(await readSamples(shard, { offset: 1, count: 2 })).toEqual({
      bytes: Uint8Array.of(3, 4, 5, 6, 7, 8),
      labels: Int32Array.of(3, 1),
    });
    expect((await readSamples(shard, { offset: 4, count: 10 })).labels).toEqual(Int32Array.of(3));
    expect((await readSamples(shard, { offset: 5, count: 10 })).labels).toHaveLength(0);
    expect(await readClassCounts(shard)).toEqual([1, 2, 0, 2]);
  });

  test('gives floats as their bytes', async () => {
    const shard = await shardOf(Float32Array.of(0, 1, 2, 0.5, -1, 8), [0, 1]);
    const { bytes } = await readSamples(shard, { offset: 1, count: 1 });
    expect(new Float32Array(bytes.buffer)).toEqual(Float32Array.of(0.5, -1, 8));
  });

  test('a file that was cut afterwards is told', async () => {
    const shard = await shardOf(new Uint8Array(6), [0, 1]);
    await writeFile(shard.path, 'short');
    await expect(readSamples(shard, { offset: 0, count: 2 })).rejects.toThrow();
  });
});

test('resolveDatasetHere downloads nothing', async () => {
  const here = { cacheDir: join(root, 'cache'), dataDir: join(root, 'nothing') };
  await expect(resolveDatasetHere('mnist', here)).rejects.toMatchObject({ code: 'data.unreachable' });
});
