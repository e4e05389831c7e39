import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster } from './cluster.js';

const spec = {
  model: { preset: 'lenet5' },
  training: { epochs: 2, batchSize: 128 },
  checkpoint: { everySeconds: 1 },
};

let cluster: Cluster;
let expected: { weightsDigest: string | null; stateDigest: string | null };

beforeAll(async () => {
  cluster = await Cluster.start();
  await cluster.startControl();
  await cluster.startAgent('a');
  await cluster.startAgent('b');
  expected = await cluster.undisturbed(spec);
});

afterAll(async () => {
  await cluster?.close();
});

describe('a run over agents', () => {
  it.each([1, 2])('gives the digests of one machine alone on %i nodes', async (workers) => {
    const runId = await cluster.createRun({ spec, workers });
    const run = await cluster.untilFinal(runId);
    expect(run).toMatchObject({ state: 'completed', reason: 'all-epochs' });
    expect(run.result).toMatchObject(expected);
  });
});
