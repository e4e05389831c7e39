import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type MnistReach, outsideReach } from './mnist.js';
import { resolveDataset } from './resolve-dataset.js';

let cacheDir: string;

beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'lockstep-mnist-'));
});

afterAll(async () => {
  await rm(cacheDir, { recursive: true, force: true });
});

const nothing: MnistReach = {
  goModuleFolder: () => Promise.reject(new Error('not allowed here')),
  fetch: () => Promise.reject(new Error('not allowed here')),
};

describe('MNIST', () => {
  test('is prepared once, from wherever it is found, and is always the same version', async () => {
    // Some machines have the files in LOCKSTEP_DATA_DIR; others get them by the ways that users have.
    const dataDir = process.env.LOCKSTEP_DATA_DIR ?? null;
    const first = await resolveDataset('mnist', { cacheDir, dataDir, baseDir: '.' }, outsideReach);
    expect(first.facts).toMatchObject({
      dataset: { kind: 'sample', name: 'mnist' },
      trainSamples: 60_000,
      validationSamples: 10_000,
      sampleShape: [1, 28, 28],
      classes: 10,
      dtype: 'uint8',
      defaultInput: { mean: [0.1307], std: [0.3081] },
    });
    expect(first.facts.version).toBe('79a936db99532187bc82cb7cc20b3ec951bfb8ba565ffe21258c7c6063374818');

    const lines: string[] = [];
    const log = (line: string): number => lines.push(line);
    const again = await resolveDataset('mnist', { cacheDir, dataDir: null, baseDir: '.', log }, nothing);
    expect(again.facts).toEqual(first.facts);
    expect(lines).toEqual([]);
    expect(await readdir(join(cacheDir, 'datasets'))).toHaveLength(1);
  }, 120_000);
});
