import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dataset } from '@lockstep/contracts';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { LocalDatasets } from '../services/local-datasets.js';
import { datasetContent, datasetSamples } from './dataset-samples.js';

const folder = mkdtempSync(join(tmpdir(), 'lockstep-web-datasets-'));
const nowhere = new LocalDatasets({ cacheDir: join(folder, 'cache'), dataDir: null });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const dataset: Dataset = {
  id: 'ds_00000000-0000-7000-8000-000000000000',
  name: 'mnist',
  kind: 'sample',
  version: '0'.repeat(64),
  trainSamples: 60_000,
  validationSamples: 10_000,
  sampleShape: [1, 28, 28],
  classes: 10,
  dtype: 'uint8',
  createdAt: '2026-11-25T08:00:00.000Z',
};
const wanted = { split: 'train', offset: 0, count: 1 } as const;

describe('a dataset that this machine does not have', () => {
  it('is said to be elsewhere, without a path and without asking the network', async () => {
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const answer = await datasetSamples(nowhere, dataset, wanted);
    said.mockRestore();
    expect(answer).toMatchObject({ isHere: false, why: expect.stringMatching(/not on the machine that serves/) });
    expect(JSON.stringify(answer)).not.toContain(folder);
    expect(await datasetContent(nowhere, dataset)).toMatchObject({
      isHere: false,
      origin: { licence: 'CC BY-SA 3.0' },
    });
  });

  it('is told apart from one that is not prepared, and from the data of people', async () => {
    expect(await datasetSamples(nowhere, { ...dataset, version: null }, wanted)).toMatchObject({
      why: expect.stringMatching(/No version/),
    });
    expect(await datasetContent(nowhere, { ...dataset, kind: 'upload' })).toMatchObject({
      isHere: false,
      origin: null,
    });
  });
});
