import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTemporal, stopTemporal } from '../../../tools/services/temporal.mjs';
import { Cluster } from './cluster.js';

const spec = {
  model: { preset: 'lenet5' },
  training: { epochs: 8, batchSize: 128 },
  checkpoint: { everySeconds: 1 },
};

let folder: string;
let cluster: Cluster;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-temporal-'));
  cluster = await Cluster.start((await startTemporal(folder, { endWithParent: true })).address);
  await cluster.startControl();
  await Promise.all([cluster.startAgent('a'), cluster.startAgent('b')]);
});
afterAll(async () => {
  await cluster?.close();
  await stopTemporal(folder);
  await rm(folder, { recursive: true, force: true });
});

it('trains on while Temporal is away, and takes no second generation for it', async () => {
  const expected = await cluster.undisturbed(spec);
  const runId = await cluster.createRun({ spec, workers: 2 });
  await cluster.untilStep(runId, 400);
  await stopTemporal(folder);
  await wait(10_000);
  await startTemporal(folder, { endWithParent: true });
  expect(await cluster.untilFinal(runId), cluster.outputs()).toMatchObject({
    state: 'completed',
    result: expected,
    generation: 1,
  });
});
