import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  drainNode,
  finishRun,
  getRun,
  heartbeatNode,
  listNodes,
  placeRun,
  releaseAllocations,
  retireNode,
  setLimit,
} from '../src/index.js';
import {
  createTestDatabase,
  makeNode,
  makeOrganisation,
  makeRun,
  system,
  type TestDatabase,
} from '../src/testing/index.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database?.close());

const cancelled = { state: 'cancelled' as const, reason: 'user' as const, failure: null, result: null };

describe('placeRun', () => {
  it('gives the last slot to one of two runs that ask at the same time, and says why the other waits', async () => {
    const { db } = database;
    const organisation = await makeOrganisation(db);
    const { organisationId, owner } = organisation;
    await makeNode(db, organisationId, { cores: 1 });
    for (let round = 0; round < 5; round++) {
      const runs = [await makeRun(db, organisation), await makeRun(db, organisation)];
      const placements = await Promise.all(runs.map((runId) => placeRun(db, system, { runId })));
      expect(placements.filter(({ placed }) => placed)).toHaveLength(1);
      const loser = runs[placements.findIndex(({ placed }) => !placed)] ?? '';
      const { waitingFor } = await getRun(db, owner.context, { organisationId, runId: loser });
      expect(waitingFor).toBe(
        'Waiting for 1 worker with 1 core: 0 cores free on 1 usable node, enough for 0 workers now. It starts when other runs give cores back.',
      );
      for (const runId of runs) await finishRun(db, system, { runId, generation: 0, outcome: cancelled });
    }
  });

  it('never gives a CPU twice to many runs at the same time', async () => {
    const { db } = database;
    const organisation = await makeOrganisation(db);
    const { organisationId } = organisation;
    for (let node = 0; node < 3; node++) await makeNode(db, organisationId, { cores: 4 });
    const runs = [];
    for (let run = 0; run < 8; run++) runs.push(await makeRun(db, organisation, { workers: 2, threads: 1 }));
    const placements = await Promise.all(runs.map((runId) => placeRun(db, system, { runId })));
    expect(placements.filter(({ placed }) => placed)).toHaveLength(6);
    const taken = await db.prisma.allocation.findMany({ where: { organisationId, endedAt: null } });
    const cpus = taken.flatMap(({ nodeId, cpus }) => cpus.map((cpu) => `${nodeId}/${cpu}`));
    expect(new Set(cpus).size).toBe(12);
    expect(cpus).toHaveLength(12);
  });

  it('starts with fewer workers from the minimum on, keeps its places, and changes nothing when asked again', async () => {
    const { db } = database;
    const organisation = await makeOrganisation(db);
    const node = await makeNode(db, organisation.organisationId, { cores: 3 });
    const runId = await makeRun(db, organisation, { workers: 4, minimumWorkers: 2 });
    const first = await placeRun(db, system, { runId });
    expect(first).toMatchObject({ placed: true, allocations: [{ rank: 0 }, { rank: 1 }, { rank: 2 }] });
    expect(await placeRun(db, system, { runId })).toEqual(first);
    const more = await makeNode(db, organisation.organisationId, { cores: 2 });
    const grown = await placeRun(db, system, { runId });
    expect(grown).toMatchObject({ placed: true, allocations: [{}, {}, {}, { rank: 3, nodeId: more.nodeId }] });
    await releaseAllocations(db, system, { runId, nodeIds: [node.nodeId] });
    const left = await placeRun(db, system, { runId });
    expect(left.placed && left.allocations.map(({ rank }) => rank)).toEqual([0, 1, 2, 3]);
  });

  it('passes by nodes that are unreachable, draining, of another instruction set or class, and says so', async () => {
    const { db } = database;
    const organisation = await makeOrganisation(db);
    const { organisationId, owner } = organisation;
    const runId = await makeRun(db, organisation);
    const told = async () => {
      const placement = await placeRun(db, system, { runId });
      return placement.placed ? 'placed' : placement.message;
    };
    expect(await told()).toContain('there are no nodes yet');
    const silent = await makeNode(db, organisationId);
    await db.prisma.node.update({ where: { id: silent.nodeId }, data: { lastSeenAt: new Date(Date.now() - 60_000) } });
    const drained = await makeNode(db, organisationId);
    await drainNode(db, owner.context, { organisationId, nodeId: drained.nodeId });
    await makeNode(db, organisationId, { isas: ['avx2'] });
    const other = await makeNode(db, organisationId, {
      numericClasses: [{ isa: 'avx512_core', numericClass: { id: 'b'.repeat(64), parts: {} } }],
    });
    await db.prisma.run.update({ where: { id: runId }, data: { nodeClass: 'a'.repeat(64) } });
    expect(await told()).toBe(
      'Waiting for 1 worker with 1 core: none of 4 nodes can be used (1 unreachable, 1 draining, 1 without avx512_core, ' +
        '1 of another numeric class than the run began with).',
    );
    const { items } = await listNodes(db, owner.context, { organisationId });
    expect(items.map(({ state }) => state)).toEqual(['unreachable', 'draining', 'ready', 'ready']);
    await db.prisma.run.update({ where: { id: runId }, data: { nodeClass: null } });
    expect(await placeRun(db, system, { runId })).toMatchObject({
      placed: true,
      allocations: [{ nodeId: other.nodeId }],
    });
  });

  it('obeys the limit of the organisation', async () => {
    const { db } = database;
    const organisation = await makeOrganisation(db);
    const { organisationId, owner } = organisation;
    await makeNode(db, organisationId, { cores: 8 });
    await setLimit(db, owner.context, { organisationId, kind: 'cores', value: 3 });
    const runs = [];
    for (let run = 0; run < 4; run++) runs.push(await makeRun(db, organisation, { threads: 2 }));
    const placements = await Promise.all(runs.map((runId) => placeRun(db, system, { runId })));
    expect(placements.filter(({ placed }) => placed)).toHaveLength(1);
    const waiting = placements.find(({ placed }) => !placed);
    expect(waiting).toMatchObject({ message: expect.stringContaining("the organisation's limit leaves 1 now") });
  });
});

describe('an agent', () => {
  it('learns which ranks are not wanted, and is refused once another one took its node', async () => {
    const { db } = database;
    const organisation = await makeOrganisation(db);
    const { context, nodeId } = await makeNode(db, organisation.organisationId);
    const runId = await makeRun(db, organisation);
    const ranks = [{ runId, generation: 3, rank: 0, step: 1 }];
    expect(await heartbeatNode(db, context, { instance: 'first', ranks })).toEqual({
      draining: false,
      stop: [{ runId, generation: 3 }],
    });
    const taken = heartbeatNode(db, context, { instance: 'zeroth', ranks: [] });
    await expect(taken).rejects.toMatchObject({ code: 'bad-input.state' });
    await retireNode(db, system, { organisationId: organisation.organisationId, nodeId });
    const retired = heartbeatNode(db, context, { instance: 'first', ranks: [] });
    await expect(retired).rejects.toMatchObject({ code: 'auth.not-found' });
  });
});
