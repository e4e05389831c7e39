import { setTimeout as wait } from 'node:timers/promises';
import { metricSeries } from '@lockstep/db';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentProcess, Cluster, isGone, type Process, ranksOf } from './cluster.js';

const spec = {
  model: { preset: 'lenet5' },
  training: { epochs: 8, batchSize: 128 },
  checkpoint: { everySeconds: 1 },
};
const stepsPerEpoch = Math.ceil(60_000 / 128);
const steps = 8 * stepsPerEpoch;

let cluster: Cluster;
let control: Process;
let a: AgentProcess;
let b: AgentProcess;
let expected: { weightsDigest: string | null; stateDigest: string | null };

beforeAll(async () => {
  cluster = await Cluster.start();
  control = await cluster.startControl();
  [a, b] = await Promise.all([cluster.startAgent('a'), cluster.startAgent('b')]);
  expected = await cluster.undisturbed(spec);
});

afterAll(async () => {
  await cluster?.close();
});

/** Started, and far enough that a checkpoint is there. */
async function underWay(workers: number): Promise<string> {
  const runId = await cluster.createRun({ spec, workers });
  await cluster.untilStep(runId, stepsPerEpoch);
  return runId;
}

async function expectSameBits(runId: string): Promise<void> {
  const run = await cluster.untilFinal(runId);
  expect(run, cluster.outputs()).toMatchObject({ state: 'completed', reason: 'all-epochs', result: expected });
  await expectWholeMetrics(runId);
}

/** The last point is the last step, steps only go forward, and every epoch is there once. */
async function expectWholeMetrics(runId: string): Promise<void> {
  const { organisationId, owner } = cluster.organisation;
  const { series } = await metricSeries(cluster.db, owner.context, { organisationId, runId, maxPoints: 10_000 });
  const stepsOf = (name: string) => series.find((each) => each.name === name)?.steps ?? [];
  const loss = stepsOf('train/loss');
  expect(loss.at(-1)).toBe(steps);
  expect(loss).toEqual([...new Set(loss)].sort((x, y) => x - y));
  const epochs = Array.from({ length: 8 }, (_, epoch) => (epoch + 1) * stepsPerEpoch);
  expect(stepsOf('train/epochLoss')).toEqual(epochs);
  expect(stepsOf('val/accuracy')).toEqual(epochs);
}

async function recovered(runId: string, generation: number): Promise<void> {
  await cluster.until(
    runId,
    (run) => run.state === 'training' && (run.generation ?? 0) > generation,
    `training in a generation after ${generation}`,
  );
}

describe('a run that is disturbed', () => {
  it('goes on from its checkpoint when a trainer is killed', async () => {
    const runId = await underWay(2);
    const [rank] = await ranksOf(b.pid);
    process.kill(rank as number, 'SIGKILL');
    await recovered(runId, 1);
    await expectSameBits(runId);
  });

  it('goes on when a stopped trainer is found, and ends it', async () => {
    const runId = await underWay(2);
    const [rank] = await ranksOf(a.pid);
    process.kill(rank as number, 'SIGSTOP');
    await recovered(runId, 1);
    expect(await isGone(rank as number)).toBe(true);
    await expectSameBits(runId);
  });

  it('loses no rank to the end of an agent, and goes on when the agent is back', async () => {
    const runId = await underWay(2);
    const ranks = await ranksOf(b.pid);
    await b.kill('SIGKILL');
    b = await b.restart();
    for (const rank of ranks) expect(await isGone(rank)).toBe(true);
    await recovered(runId, 1);
    await expectSameBits(runId);
  });

  it('moves to the nodes that are left where an agent does not come back', async () => {
    const runId = await underWay(1);
    const victim = (await ranksOf(a.pid)).length > 0 ? a : b;
    await victim.kill('SIGKILL');
    await recovered(runId, 1);
    await expectSameBits(runId);
    const back = await victim.restart();
    if (victim === a) a = back;
    else b = back;
  });

  it('does not notice the end of the control worker', async () => {
    const runId = await underWay(2);
    await control.kill('SIGKILL');
    await wait(2000);
    control = await cluster.startControl();
    await expectSameBits(runId);
    expect((await cluster.run(runId)).generation).toBe(1);
  });

  it('trains on while the node API is away, and delivers everything afterwards', async () => {
    const runId = await underWay(2);
    await cluster.api.cut();
    await wait(8000);
    await cluster.api.restore();
    await expectSameBits(runId);
    expect((await cluster.run(runId)).generation).toBe(1);
  });

  it('takes a checkpoint and ends when it is cancelled', async () => {
    const runId = await underWay(2);
    await cluster.cancel(runId);
    expect(await cluster.untilFinal(runId)).toMatchObject({ state: 'cancelled', reason: 'user' });
    expect([...(await ranksOf(a.pid)), ...(await ranksOf(b.pid))]).toEqual([]);
  });
});
