import { getPool, listPools, setPool } from '@lockstep/db';
import { system } from '@lockstep/db/testing';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Cluster, isGone, ranksOf } from './cluster.js';

const within = { timeout: 90_000, interval: 200 };
const spec = { model: { preset: 'lenet5' }, training: { epochs: 1 } };

let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start();
  await cluster.startControl();
});
afterAll(async () => {
  await cluster?.close();
});

const nodes = async () => {
  const { organisationId } = cluster.organisation;
  const pool = (await listPools(cluster.db, system)).find((each) => each.organisationId === organisationId);
  return (await getPool(cluster.db, system, { poolId: pool?.poolId ?? '' })).nodes;
};
const resize = (desiredNodes: number) =>
  setPool(cluster.db, system, {
    organisationId: cluster.organisation.organisationId,
    name: 'local',
    provider: 'local',
    desiredNodes,
    settings: { coresPerNode: 1 },
  });

it('goes from no agents to two, which train, and back to none', async () => {
  await resize(2);
  await vi.waitFor(async () => expect((await nodes()).filter((node) => node.reachable)).toHaveLength(2), within);
  const runId = await cluster.createRun({ spec, workers: 2 });
  expect(await cluster.untilFinal(runId), cluster.outputs()).toMatchObject({ state: 'completed' });
  const agents = await cluster.localAgents();
  expect(agents).toHaveLength(2);
  await resize(0);
  await vi.waitFor(async () => expect(await nodes()).toEqual([]), within);
  for (const pid of agents) {
    expect(await isGone(pid)).toBe(true);
    expect(await ranksOf(pid)).toEqual([]);
  }
});
