import type { RendezvousValue } from '@lockstep/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  appendBatch,
  createRun,
  endGeneration,
  finishRun,
  formGeneration,
  generationStart,
  getRun,
  logsPage,
  metricSeries,
  metricsSince,
  placeRun,
  publishRendezvous,
  publishStateDigest,
  putBlobRow,
  recordCheckpoint,
  recordFinished,
  releaseAllocations,
  rendezvousValues,
  runEventsSince,
  setRunState,
} from '../src/index.js';
import {
  createTestDatabase,
  makeNode,
  makeOrganisation,
  makeRun,
  makeToken,
  resolveForTests,
  system,
  type TestDatabase,
  type TestNode,
  type TestOrganisation,
} from '../src/testing/index.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database?.close());

const digest = (letter: string): string => letter.repeat(64);

function rendezvous(rank: number, nonce: string, classId = digest('c')): RendezvousValue {
  return { rank, nonce, address: 'AAAA', numericClass: { id: classId, parts: { isa: 'avx512_core' } } };
}

/** A run on two nodes in its first generation. */
async function startRun(organisation: TestOrganisation) {
  const { db } = database;
  const nodes = [await makeNode(db, organisation.organisationId), await makeNode(db, organisation.organisationId)];
  const runId = await makeRun(db, organisation, { workers: 2 });
  const placement = await placeRun(db, system, { runId });
  if (!placement.placed) throw new Error(placement.message);
  const { ranks, nonce } = await formGeneration(db, system, { runId, generation: 1 });
  const nodeOf = (rank: number): TestNode => {
    const node = nodes.find(({ nodeId }) => nodeId === ranks[rank]?.nodeId);
    if (node === undefined) throw new Error(`no node has rank ${rank}`);
    return node;
  };
  return { runId, nonce, nodeOf, nodes };
}

async function checkpointAt(
  runId: string,
  generation: number,
  step: number,
  nodes: TestNode[],
  organisationId: string,
) {
  const { db } = database;
  for (const [rank, node] of nodes.entries())
    await publishStateDigest(db, node.context, { runId, generation, rank, sequence: 0, step, digest: digest('d') });
  const node = nodes[0] as TestNode;
  await putBlobRow(db, node.context, { organisationId, sha256: digest('1'), bytes: 10, storageKey: 'a' });
  await putBlobRow(db, node.context, { organisationId, sha256: digest('2'), bytes: 20, storageKey: 'b' });
  return recordCheckpoint(db, node.context, {
    runId,
    generation,
    sequence: 0,
    step,
    epoch: 0,
    best: false,
    weightsDigest: digest('e'),
    stateDigest: digest('d'),
    files: [
      { name: 'model.safetensors', sha256: digest('1'), bytes: 10 },
      { name: 'manifest.json', sha256: digest('2'), bytes: 20 },
    ],
  });
}

describe('a run', () => {
  it('goes from its request to its result', async () => {
    const { db } = database;
    const organisation = await makeOrganisation(db);
    const { organisationId, owner } = organisation;
    const { runId, nonce, nodeOf } = await startRun(organisation);
    await setRunState(db, system, { runId, generation: 1, state: 'starting', reason: null, message: null });

    await publishRendezvous(db, nodeOf(0).context, { runId, generation: 1, value: rendezvous(0, nonce) });
    expect(await rendezvousValues(db, nodeOf(1).context, { runId, generation: 1 })).toEqual({
      complete: false,
      values: [],
    });
    await publishRendezvous(db, nodeOf(1).context, { runId, generation: 1, value: rendezvous(1, nonce) });
    const { complete, values } = await rendezvousValues(db, nodeOf(0).context, { runId, generation: 1 });
    expect([complete, values.map(({ rank }) => rank)]).toEqual([true, [0, 1]]);

    const start = await generationStart(db, nodeOf(1).context, { runId, generation: 1 });
    expect(start).toMatchObject({ nonce, worldSize: 2, threads: 1, checkpoint: null });
    expect(start.ranks.map(({ cpus }) => cpus)).toEqual([[0], [0]]);

    await setRunState(db, system, { runId, generation: 1, state: 'training', reason: null, message: null });
    await appendBatch(db, nodeOf(0).context, {
      runId,
      generation: 1,
      source: 'rank-0',
      sequence: 0,
      progress: { step: 3, epoch: 0, samples: 384, trainingSeconds: 1, coreSeconds: 2, samplesPerSecond: 384 },
      points: [{ name: 'train/loss', steps: [1, 2, 3], values: [2.5, 'NaN', 1.5] }],
      logs: [{ time: '2026-01-01T00:00:00Z', level: 'info', text: 'hello \u0000 world' }],
      events: [{ time: '2026-01-01T00:00:00Z', kind: 'epoch-done', step: 3, data: { epoch: 0 } }],
    });
    const { checkpointId } = await checkpointAt(runId, 1, 3, [nodeOf(0), nodeOf(1)], organisationId);
    await recordFinished(db, nodeOf(0).context, {
      runId,
      generation: 1,
      kind: 'finished',
      rank: 0,
      step: 469,
      epoch: 1,
      reason: 'all-epochs',
      testLoss: 0.1,
      testAccuracy: 0.98,
      weightsDigest: digest('e'),
      stateDigest: digest('d'),
    });
    await endGeneration(db, system, { runId, generation: 1, outcome: 'finished', message: null });
    const outcome = {
      state: 'completed' as const,
      reason: 'all-epochs' as const,
      failure: null,
      result: {
        step: 469,
        epoch: 1,
        testLoss: 0.1,
        testAccuracy: 0.98,
        weightsDigest: digest('e'),
        stateDigest: digest('d'),
      },
    };
    await finishRun(db, system, { runId, generation: 1, outcome });
    await finishRun(db, system, { runId, generation: 1, outcome });

    const run = await getRun(db, owner.context, { organisationId, runId });
    expect(run).toMatchObject({
      state: 'completed',
      reason: 'all-epochs',
      step: 469,
      totalSteps: 469,
      epochs: 1,
      generation: 1,
      numericClass: digest('c'),
      result: { testAccuracy: 0.98, weightsDigest: digest('e') },
      summary: { 'train/loss': { first: 2.5, last: 1.5, min: 1.5, max: 2.5, lastStep: 3 } },
    });
    const { events, cursor } = await runEventsSince(db, owner.context, { organisationId, runId, since: 0 });
    expect(cursor).toBe(run.cursor);
    expect(events.map(({ kind }) => kind)).toEqual([
      'state',
      'placed',
      'generation',
      'state',
      'state',
      'epoch-done',
      'checkpoint',
      'generation-ended',
      'state',
    ]);
    expect(events.find(({ kind }) => kind === 'checkpoint')?.data).toMatchObject({ checkpointId, step: 3 });
    const { items } = await logsPage(db, owner.context, { organisationId, runId });
    expect(items.map(({ text }) => text)).toEqual(['hello \ufffd world']);
    expect(await db.prisma.allocation.count({ where: { runId, endedAt: null } })).toBe(0);
  });

  it('is the same run for the same idempotency key, and refuses the key for another request', async () => {
    const { db } = database;
    const organisation = await makeOrganisation(db);
    const { organisationId, project } = organisation;
    const { context } = await makeToken(db, organisation);
    const input = { organisationId, project, spec: 'dataset: mnist\nmodel: {preset: mlp}\n', idempotencyKey: 'once' };
    const both = await Promise.all([0, 1].map(() => createRun(db, context, input, { resolve: resolveForTests })));
    expect(both[0]?.runId).toBe(both[1]?.runId);
    expect(both.map(({ created }) => created).sort()).toEqual([false, true]);
    const other = createRun(db, context, { ...input, name: 'other' }, { resolve: resolveForTests });
    await expect(other).rejects.toMatchObject({ code: 'bad-input.idempotency-key' });
    const elsewhere = await createRun(db, organisation.owner.context, input, { resolve: resolveForTests });
    expect(elsewhere.created).toBe(true);
  });
});

describe('an older generation', () => {
  it('is refused in everything but the history before its successor', async () => {
    const { db } = database;
    const organisation = await makeOrganisation(db);
    const { organisationId, owner } = organisation;
    const { runId, nonce, nodeOf } = await startRun(organisation);
    const [first, second] = [nodeOf(0), nodeOf(1)];
    const points = (steps: number[], offset = 0) => [
      { name: 'train/loss', steps, values: steps.map((step) => step + offset) },
    ];
    const batch = { runId, generation: 1, source: 'rank-0' };
    await appendBatch(db, first.context, { ...batch, sequence: 0, points: points([10, 20, 30]) });
    await checkpointAt(runId, 1, 20, [first, second], organisationId);

    // The second node is lost; the run goes on with the first alone.
    await db.prisma.run.update({ where: { id: runId }, data: { minimumWorkers: 1 } });
    await db.prisma.node.update({ where: { id: second.nodeId }, data: { lastSeenAt: new Date(0) } });
    await releaseAllocations(db, system, { runId, nodeIds: [second.nodeId] });
    const placement = await placeRun(db, system, { runId });
    expect(placement).toMatchObject({
      placed: true,
      allocations: [
        { rank: 0, nodeId: first.nodeId },
        { rank: 1, nodeId: first.nodeId },
      ],
    });
    const formed = await formGeneration(db, system, { runId, generation: 2 });
    expect(formed).toMatchObject({ generation: 2, attempt: 2, originStep: 20, worldSize: 2 });
    expect(await formGeneration(db, system, { runId, generation: 2 })).toEqual(formed);

    const stale = { code: 'infrastructure.stale-generation' };
    await expect(formGeneration(db, system, { runId, generation: 1 })).rejects.toMatchObject(stale);
    await expect(
      publishRendezvous(db, second.context, { runId, generation: 1, value: rendezvous(1, nonce) }),
    ).rejects.toMatchObject(stale);
    await expect(
      publishStateDigest(db, second.context, {
        runId,
        generation: 1,
        rank: 1,
        sequence: 1,
        step: 40,
        digest: digest('d'),
      }),
    ).rejects.toMatchObject(stale);
    await expect(checkpointAt(runId, 1, 30, [first], organisationId)).rejects.toMatchObject(stale);
    await expect(
      setRunState(db, system, { runId, generation: 1, state: 'training', reason: null, message: null }),
    ).rejects.toMatchObject(stale);
    await expect(appendBatch(db, first.context, { ...batch, sequence: 2, points: points([40]) })).rejects.toMatchObject(
      stale,
    );

    // What it still has from before counts, the rest does not.
    const late = await appendBatch(db, first.context, { ...batch, sequence: 1, points: points([15, 25], 1000) });
    expect(late).toMatchObject({ accepted: true, superseded: 1 });
    await appendBatch(db, first.context, { ...batch, generation: 2, sequence: 0, points: points([21, 31]) });
    const { series } = await metricSeries(db, owner.context, { organisationId, runId });
    expect(series[0]).toMatchObject({ steps: [10, 15, 20, 21, 31], values: [10, 1015, 20, 21, 31], pointCount: 5 });
    const { summary } = await getRun(db, owner.context, { organisationId, runId });
    expect(summary['train/loss']).toEqual({ first: 10, last: 31, min: 10, max: 1015, lastStep: 31 });
    const live = await metricsSince(db, owner.context, { organisationId, runId, since: 0 });
    expect(live.flatMap(({ series: [each] }) => each?.steps)).toEqual([10, 20, 15, 21, 31]);
  });

  it('is nothing to nodes that have no part in the run', async () => {
    const { db } = database;
    const organisation = await makeOrganisation(db);
    const { runId, nonce } = await startRun(organisation);
    const other = await makeNode(db, (await makeOrganisation(db)).organisationId);
    const missing = { code: 'auth.not-found' };
    await expect(
      publishRendezvous(db, other.context, { runId, generation: 1, value: rendezvous(0, nonce) }),
    ).rejects.toMatchObject(missing);
    await expect(rendezvousValues(db, other.context, { runId, generation: 1 })).rejects.toMatchObject(missing);
    await expect(generationStart(db, other.context, { runId, generation: 1 })).rejects.toMatchObject(missing);
    await expect(
      appendBatch(db, other.context, { runId, generation: 1, source: 'rank-0', sequence: 0 }),
    ).rejects.toMatchObject(missing);
  });
});

describe('ranks that differ', () => {
  it('do not get a checkpoint', async () => {
    const { db } = database;
    const organisation = await makeOrganisation(db);
    const { runId, nodeOf } = await startRun(organisation);
    const input = { runId, generation: 1, sequence: 0, step: 5 };
    const [one, two] = await Promise.all([
      publishStateDigest(db, nodeOf(0).context, { ...input, rank: 0, digest: digest('a') }),
      publishStateDigest(db, nodeOf(1).context, { ...input, rank: 1, digest: digest('b') }),
    ]);
    expect([one.verdict, two.verdict].sort()).toEqual(['diverged', 'waiting']);
  });

  it('of another numeric class are refused', async () => {
    const { db } = database;
    const organisation = await makeOrganisation(db);
    const { runId, nonce, nodeOf } = await startRun(organisation);
    await publishRendezvous(db, nodeOf(0).context, { runId, generation: 1, value: rendezvous(0, nonce) });
    await expect(
      publishRendezvous(db, nodeOf(1).context, { runId, generation: 1, value: rendezvous(1, nonce, digest('f')) }),
    ).rejects.toMatchObject({ code: 'numerics.class-refused' });
  });
});

describe('a batch', () => {
  it('sent twice at the same time is stored once', async () => {
    const { db } = database;
    const organisation = await makeOrganisation(db);
    const { organisationId, owner } = organisation;
    const { runId, nodeOf } = await startRun(organisation);
    const batch = {
      runId,
      generation: 1,
      source: 'rank-0',
      sequence: 0,
      points: [{ name: 'train/loss', steps: [1, 2], values: [3, 4] }],
      logs: [{ time: '2026-01-01T00:00:00Z', level: 'info' as const, text: 'line' }],
    };
    const results = await Promise.all([0, 1, 2, 3].map(() => appendBatch(db, nodeOf(0).context, batch)));
    expect(results.filter(({ accepted }) => accepted)).toHaveLength(1);
    expect(new Set(results.map(({ cursor }) => cursor)).size).toBe(1);
    const { series } = await metricSeries(db, owner.context, { organisationId, runId });
    expect(series[0]?.pointCount).toBe(2);
    expect((await logsPage(db, owner.context, { organisationId, runId })).items).toHaveLength(1);
    const other = { ...batch, points: [{ name: 'train/loss', steps: [1, 2], values: [3, 5] }] };
    await expect(appendBatch(db, nodeOf(0).context, other)).rejects.toMatchObject({ code: 'bad-input.field' });
  });
});
