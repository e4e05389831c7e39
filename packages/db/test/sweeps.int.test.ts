import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createRun,
  deleteExpired,
  type PutBlobRowInput,
  placeRun,
  putBlobRow,
  releaseUnusedBlobs,
  requireBlobRoom,
  setLimit,
  takeRateLimit,
} from '../src/index.js';
import {
  createTestDatabase,
  makeNode,
  makeOrganisation,
  makeRun,
  makeUser,
  resolveForTests,
  system,
  type TestDatabase,
  type TestOrganisation,
} from '../src/testing/index.js';

let database: TestDatabase;
let organisation: TestOrganisation;
beforeAll(async () => {
  database = await createTestDatabase();
  organisation = await makeOrganisation(database.db);
});
afterAll(() => database?.close());

const spec = 'dataset: mnist\nmodel: {preset: lenet5}\n';
const hashOf = (name: string): string => createHash('sha256').update(name).digest('hex');

function blob(name: string, bytes = 10): PutBlobRowInput {
  const { organisationId } = organisation;
  return { organisationId, sha256: hashOf(name), bytes, storageKey: `${organisationId}/${hashOf(name)}` };
}

describe('deleteExpired', () => {
  it('deletes what has run out, and nothing else', async () => {
    const { db } = database;
    const { organisationId, project, owner } = organisation;
    const create = (idempotencyKey: string) =>
      createRun(db, owner.context, { organisationId, project, spec, idempotencyKey }, { resolve: resolveForTests });
    await create('old');
    await db.pool.query(`UPDATE idempotency_key SET created_at = now() - interval '25 hours'`);
    const young = await create('young');
    await takeRateLimit(db, { key: 'old', burst: 5, perSecond: 1 });
    await db.pool.query(`UPDATE rate_limit SET busy_until = now() - interval '2 minutes'`);
    await takeRateLimit(db, { key: 'young', burst: 5, perSecond: 0.1 });
    const { userId } = await makeUser(db);
    for (const [id, expiresAt] of [
      ['over', new Date(Date.now() - 1000)],
      ['open', new Date(Date.now() + 60_000)],
    ] as const) {
      await db.prisma.session.create({ data: { id, token: id, userId, expiresAt } });
      await db.prisma.verification.create({ data: { id, identifier: id, value: 'x', expiresAt } });
    }
    expect(await deleteExpired(db, system)).toEqual({
      idempotencyKeys: 1,
      rateLimits: 1,
      sessions: 1,
      verifications: 1,
      passwordResets: 0,
    });
    expect(await create('young')).toEqual({ ...young, created: false });
    expect(await db.prisma.session.findMany({ select: { id: true } })).toEqual([{ id: 'open' }]);
    expect(await db.prisma.rateLimit.findMany({ select: { key: true } })).toEqual([{ key: 'young' }]);
  });

  it('is for the system', async () => {
    await expect(deleteExpired(database.db, organisation.owner.context)).rejects.toMatchObject({
      code: 'auth.not-found',
    });
  });
});

describe('releaseUnusedBlobs', () => {
  it('frees what is old and in no artifact, the bytes before the row', async () => {
    const { db } = database;
    for (const name of ['used', 'unused', 'young']) await putBlobRow(db, system, blob(name));
    const { organisationId, projectId } = organisation;
    await db.prisma.artifactVersion.create({
      data: {
        id: 'art_y',
        organisationId,
        projectId,
        kind: 'model',
        name: 'y',
        version: 1,
        digest: 'y',
        files: {
          create: {
            name: 'y',
            blob: { connect: { organisationId_sha256: { organisationId, sha256: hashOf('used') } } },
          },
        },
      },
    });
    await db.prisma.blob.updateMany({
      where: { sha256: { not: hashOf('young') } },
      data: { createdAt: new Date(Date.now() - 25 * 3_600_000) },
    });
    const removed: string[] = [];
    const failing = releaseUnusedBlobs(db, system, { remove: () => Promise.reject(new Error('no disk')) });
    await expect(failing).rejects.toThrow('no disk');
    expect(await db.prisma.blob.count()).toBe(3);
    const remove = async (key: string): Promise<void> => {
      removed.push(key);
    };
    expect(await releaseUnusedBlobs(db, system, { remove })).toEqual({ blobs: 1, bytes: 10 });
    expect(removed).toEqual([blob('unused').storageKey]);
    expect(await releaseUnusedBlobs(db, system, { remove })).toEqual({ blobs: 0, bytes: 0 });
  });

  it('keeps what is stored once more, and lets whoever stores it wait for what is going on', async () => {
    const { db } = database;
    const old = async (name: string) => {
      await putBlobRow(db, system, blob(name));
      const createdAt = new Date(Date.now() - 25 * 3_600_000);
      await db.prisma.blob.updateMany({ where: { sha256: hashOf(name) }, data: { createdAt } });
    };
    await old('again');
    expect(await putBlobRow(db, system, blob('again'))).toEqual({ existed: true });
    expect(await releaseUnusedBlobs(db, system, { remove: async () => undefined })).toEqual({ blobs: 0, bytes: 0 });
    await old('meanwhile');
    let putting: Promise<{ existed: boolean }> | undefined;
    const order: string[] = [];
    await releaseUnusedBlobs(db, system, {
      remove: async () => {
        putting = putBlobRow(db, system, blob('meanwhile')).finally(() => order.push('stored'));
        // Until it waits for the row.
        for (let waits = 0; waits === 0; ) {
          const { rows } = await db.pool.query<{ waits: number }>(
            `SELECT count(*)::int AS waits FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
          );
          waits = rows[0]?.waits ?? 0;
        }
        order.push('removed');
      },
    });
    expect(await putting).toEqual({ existed: false });
    expect(order).toEqual(['removed', 'stored']);
  });
});

describe('limits', () => {
  it('of runs let the others wait for their turn, and say so', async () => {
    const { db } = database;
    const other = await makeOrganisation(db);
    const { organisationId, owner } = other;
    await makeNode(db, organisationId, { cores: 8 });
    await setLimit(db, owner.context, { organisationId, kind: 'runs', value: 1 });
    const runs = [await makeRun(db, other), await makeRun(db, other)];
    const placements = await Promise.all(runs.map((runId) => placeRun(db, system, { runId })));
    expect(placements.filter(({ placed }) => placed)).toHaveLength(1);
    expect(placements.find(({ placed }) => !placed)).toMatchObject({
      reason: 'no-capacity',
      message:
        "Waiting for its turn: the organisation's limit is 1 run at the same time, and 1 is at work. It starts when one ends, or when an owner raises the limit.",
    });
    // The one that has its places keeps them.
    const first = runs[placements.findIndex(({ placed }) => placed)] ?? '';
    await setLimit(db, owner.context, { organisationId, kind: 'runs', value: 0 });
    expect(await placeRun(db, system, { runId: first })).toMatchObject({ placed: true });
    await expect(makeRun(db, other)).rejects.toMatchObject({ code: 'bad-input.limit' });
  });

  it('of cores refuse a run that could never begin', async () => {
    const { db } = database;
    const other = await makeOrganisation(db);
    const { organisationId, owner } = other;
    await setLimit(db, owner.context, { organisationId, kind: 'cores', value: 3 });
    await expect(makeRun(db, other, { workers: 2, threads: 2 })).rejects.toMatchObject({
      code: 'bad-input.limit',
      message:
        'Expected at most 3 cores, the limit of the organisation, got a run that needs 4. Use fewer workers or threads, or ask an owner to raise the limit.',
    });
    await makeRun(db, other, { workers: 2, minimumWorkers: 1, threads: 2 });
  });

  it('of bytes refuse blobs beyond them, also of several at the same time, and runs that could store nothing', async () => {
    const { db } = database;
    const other = await makeOrganisation(db);
    const { organisationId, owner } = other;
    await setLimit(db, owner.context, { organisationId, kind: 'bytes', value: 100 });
    const put = (name: string, bytes: number) =>
      putBlobRow(db, system, { organisationId, sha256: hashOf(name), bytes, storageKey: name });
    const results = await Promise.allSettled(['a', 'b', 'c', 'd'].map((name) => put(name, 40)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    const refused = results.find((result) => result.status === 'rejected');
    expect(refused?.reason).toMatchObject({
      code: 'infrastructure.disk-full',
      message: expect.stringContaining('its limit, got 80 stored and 40 more'),
    });
    // What is there already takes no more room.
    const kept = ['a', 'b', 'c', 'd'][results.findIndex(({ status }) => status === 'fulfilled')] ?? '';
    expect(await put(kept, 40)).toEqual({ existed: true });
    const asked = { organisationId, sha256: hashOf('e') };
    await expect(requireBlobRoom(db, system, { ...asked, bytes: 21 })).rejects.toMatchObject({
      code: 'infrastructure.disk-full',
    });
    await requireBlobRoom(db, system, { ...asked, bytes: 20 });
    await put('e', 20);
    await expect(makeRun(db, other)).rejects.toMatchObject({ code: 'bad-input.limit' });
  });
});
