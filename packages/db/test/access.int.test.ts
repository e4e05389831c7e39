import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  acceptInvitation,
  authenticateNode,
  authenticateToken,
  cancelRun,
  checkpoints,
  createNodeCredential,
  createProject,
  createRun,
  createToken,
  deleteRun,
  drainNode,
  findOrganisation,
  formGeneration,
  getRun,
  inviteMember,
  listAudit,
  listMembers,
  listNodes,
  listProjects,
  listRuns,
  listTokens,
  logsPage,
  logsTail,
  metricSeries,
  metricsSince,
  placeRun,
  registerDatasetVersion,
  revokeToken,
  runEventsSince,
  setBaseline,
  setLimit,
  setMemberRole,
  setPool,
  updateRun,
  validateRun,
} from '../src/index.js';
import {
  createTestDatabase,
  makeMember,
  makeNode,
  makeOrganisation,
  makeRun,
  makeToken,
  makeUser,
  mnistFacts,
  resolveForTests,
  type TestDatabase,
} from '../src/testing/index.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database?.close());

const missing = { code: 'auth.not-found' };
const forbidden = { code: 'auth.forbidden' };
const spec = 'dataset: mnist\nmodel: {preset: lenet5}\n';

/** Every verb and read that a user or token may call, on one organisation. */
async function everything(organisationId: string, project: string, runId: string, nodeId: string, userId: string) {
  const { db } = database;
  type Call = (context: Parameters<typeof getRun>[1]) => Promise<unknown>;
  const reads: Record<string, Call> = {
    getRun: (context) => getRun(db, context, { organisationId, runId }),
    listRuns: (context) => listRuns(db, context, { organisationId }),
    listProjects: (context) => listProjects(db, context, { organisationId }),
    listNodes: (context) => listNodes(db, context, { organisationId }),
    runEventsSince: (context) => runEventsSince(db, context, { organisationId, runId, since: 0 }),
    metricsSince: (context) => metricsSince(db, context, { organisationId, runId, since: 0 }),
    metricSeries: (context) => metricSeries(db, context, { organisationId, runId }),
    logsPage: (context) => logsPage(db, context, { organisationId, runId }),
    logsTail: (context) => logsTail(db, context, { organisationId, runId, last: 10 }),
    checkpoints: (context) => checkpoints(db, context, { organisationId, runId }),
    validateRun: (context) => validateRun(db, context, { organisationId, project, spec }, { resolve: resolveForTests }),
  };
  const writes: Record<string, Call> = {
    createRun: (context) => createRun(db, context, { organisationId, project, spec }, { resolve: resolveForTests }),
    updateRun: (context) => updateRun(db, context, { organisationId, runId, name: 'stolen' }),
    cancelRun: (context) => cancelRun(db, context, { organisationId, runId }),
    setBaseline: (context) => setBaseline(db, context, { organisationId, runId }),
    deleteRun: (context) => deleteRun(db, context, { organisationId, runId }),
  };
  const ownerWrites: Record<string, Call> = {
    createProject: (context) => createProject(db, context, { organisationId, slug: 'stolen' }),
    createToken: (context) => createToken(db, context, { organisationId, name: 'x', scopes: ['runs:read'] }),
    inviteMember: (context) => inviteMember(db, context, { organisationId, email: 'a@example.com', role: 'member' }),
    setMemberRole: (context) => setMemberRole(db, context, { organisationId, userId, role: 'viewer' }),
    setLimit: (context) => setLimit(db, context, { organisationId, kind: 'cores', value: 0 }),
    setPool: (context) => setPool(db, context, { organisationId, name: 'stolen', provider: 'local' }),
    createNodeCredential: (context) => createNodeCredential(db, context, { organisationId, name: 'stolen' }),
    drainNode: (context) => drainNode(db, context, { organisationId, nodeId }),
    listAudit: (context) => listAudit(db, context, { organisationId }),
  };
  const systemOnly: Record<string, Call> = {
    placeRun: (context) => placeRun(db, context, { runId }),
    formGeneration: (context) => formGeneration(db, context, { runId, generation: 1 }),
    registerDatasetVersion: (context) =>
      registerDatasetVersion(db, context, { organisationId, name: 'x', facts: mnistFacts }),
  };
  return { reads, writes, ownerWrites, systemOnly };
}

async function setUp() {
  const { db } = database;
  const organisation = await makeOrganisation(db);
  const runId = await makeRun(db, organisation);
  const { nodeId } = await makeNode(db, organisation.organisationId);
  const calls = await everything(
    organisation.organisationId,
    organisation.project,
    runId,
    nodeId,
    organisation.owner.userId,
  );
  return { organisation, runId, calls };
}

/** All rows of the tables that people write, to see that nothing changed. */
async function contents(organisationId: string): Promise<string> {
  const { prisma } = database.db;
  const where = { organisationId };
  return JSON.stringify(
    [
      await prisma.run.findMany({ where }),
      await prisma.project.findMany({ where }),
      await prisma.member.findMany({ where }),
      await prisma.apiToken.findMany({ where, omit: { lastUsedAt: true } }),
      await prisma.invitation.findMany({ where }),
      await prisma.limit.findMany({ where }),
      await prisma.pool.findMany({ where }),
      await prisma.node.findMany({ where }),
      await prisma.audit.findMany({ where }),
    ],
    (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
  );
}

describe('strangers', () => {
  it('read nothing, change nothing, and hear "not found"', async () => {
    const { db } = database;
    const { organisation, calls } = await setUp();
    const elsewhere = await makeOrganisation(db);
    const foreignToken = await makeToken(db, elsewhere);
    const revoked = await makeToken(db, organisation);
    await revokeToken(db, organisation.owner.context, {
      organisationId: organisation.organisationId,
      tokenId: revoked.tokenId,
    });
    const expired = await makeToken(db, organisation);
    await db.prisma.apiToken.update({ where: { id: expired.tokenId }, data: { expiresAt: new Date(1) } });
    const node = await makeNode(db, elsewhere.organisationId);
    const actors = [elsewhere.owner, await makeUser(db), foreignToken, revoked, expired, node].map(
      ({ context }) => context,
    );
    const before = await contents(organisation.organisationId);
    for (const context of actors)
      for (const [name, call] of Object.entries({
        ...calls.reads,
        ...calls.writes,
        ...calls.ownerWrites,
        ...calls.systemOnly,
      }))
        await expect(call(context), `${name} by ${JSON.stringify(context.actor)}`).rejects.toMatchObject(missing);
    await expect(findOrganisation(db, elsewhere.owner.context, { slug: organisation.slug })).rejects.toMatchObject(
      missing,
    );
    await expect(findOrganisation(db, elsewhere.owner.context, { slug: 'no-such' })).rejects.toMatchObject(missing);
    expect(await contents(organisation.organisationId)).toBe(before);
  });

  it('do not reach a run through their own organisation', async () => {
    const { db } = database;
    const { runId } = await setUp();
    const { organisationId, owner } = await makeOrganisation(db);
    await expect(getRun(db, owner.context, { organisationId, runId })).rejects.toMatchObject(missing);
    await expect(cancelRun(db, owner.context, { organisationId, runId })).rejects.toMatchObject(missing);
    await expect(updateRun(db, owner.context, { organisationId, runId, name: 'x' })).rejects.toMatchObject(missing);
    await expect(metricSeries(db, owner.context, { organisationId, runId })).rejects.toMatchObject(missing);
  });
});

describe('a viewer', () => {
  it('reads everything and changes nothing', async () => {
    const { organisation, calls } = await setUp();
    const viewer = await makeMember(database.db, organisation.organisationId, 'viewer');
    const before = await contents(organisation.organisationId);
    for (const call of Object.values(calls.reads)) await call(viewer.context);
    for (const [name, call] of Object.entries({ ...calls.writes, ...calls.ownerWrites }))
      await expect(call(viewer.context), name).rejects.toMatchObject(forbidden);
    expect(await contents(organisation.organisationId)).toBe(before);
  });
});

describe('a token', () => {
  it('does what its scopes and its owner may both do', async () => {
    const { db } = database;
    const { organisation, calls } = await setUp();
    const { organisationId } = organisation;
    const reader = await makeToken(db, organisation, ['runs:read']);
    for (const call of Object.values(calls.reads)) await call(reader.context);
    for (const call of Object.values(calls.writes)) await expect(call(reader.context)).rejects.toMatchObject(forbidden);
    const writer = await makeToken(db, organisation, ['runs:write']);
    for (const call of Object.values(calls.ownerWrites))
      await expect(call(writer.context)).rejects.toMatchObject(forbidden);
    expect(await calls.writes.createRun?.(writer.context)).toMatchObject({ created: true });

    const member = await makeMember(db, organisationId, 'member');
    const token = await makeToken(db, { organisationId, owner: member }, ['runs:write']);
    await calls.writes.updateRun?.(token.context);
    await setMemberRole(db, organisation.owner.context, { organisationId, userId: member.userId, role: 'viewer' });
    await expect(calls.writes.updateRun?.(token.context)).rejects.toMatchObject(forbidden);
    await setMemberRole(db, organisation.owner.context, { organisationId, userId: member.userId, role: null });
    await expect(calls.reads.getRun?.(token.context)).rejects.toMatchObject(missing);
    await expect(authenticateToken(db, token.secret)).rejects.toMatchObject({ code: 'auth.unauthenticated' });
  });

  it('for one project reaches no other', async () => {
    const { db } = database;
    const { organisation, calls } = await setUp();
    const { organisationId, owner } = organisation;
    await createProject(db, owner.context, { organisationId, slug: 'other' });
    const token = await makeToken(db, organisation, ['runs:write', 'projects:write'], { project: 'other' });
    for (const name of ['getRun', 'logsPage', 'logsTail', 'metricSeries', 'checkpoints'])
      await expect(calls.reads[name]?.(token.context), name).rejects.toMatchObject(missing);
    for (const call of Object.values(calls.writes)) await expect(call(token.context)).rejects.toMatchObject(missing);
    expect((await listRuns(db, token.context, { organisationId })).items).toEqual([]);
    expect((await listProjects(db, token.context, { organisationId })).items.map(({ slug }) => slug)).toEqual([
      'other',
    ]);
    await expect(createProject(db, token.context, { organisationId, slug: 'third' })).rejects.toMatchObject(forbidden);
  });

  it('is stored as a hash, shown once, and refused when mistyped', async () => {
    const { db } = database;
    const organisation = await makeOrganisation(db);
    const { secret, tokenId } = await makeToken(db, organisation);
    expect(await authenticateToken(db, secret)).toMatchObject({ actor: { kind: 'token', tokenId }, role: 'owner' });
    const { items } = await listTokens(db, organisation.owner.context, organisation);
    expect(JSON.stringify(items)).not.toContain(secret.slice(8));
    const mistyped = `${secret.slice(0, -1)}${secret.endsWith('a') ? 'b' : 'a'}`;
    for (const wrong of [mistyped, secret.slice(0, -1), '', 'lst_', secret.replace('lst', 'lsn')])
      await expect(authenticateToken(db, wrong)).rejects.toMatchObject({ code: 'auth.unauthenticated' });
    await expect(authenticateNode(db, secret)).rejects.toMatchObject({ code: 'auth.unauthenticated' });
  });
});

describe('an organisation', () => {
  it('takes in who was invited, once, and only them', async () => {
    const { db } = database;
    const { organisationId, owner } = await makeOrganisation(db);
    const guest = await makeUser(db);
    const { secret } = await inviteMember(db, owner.context, { organisationId, email: guest.email, role: 'member' });
    const thief = await makeUser(db);
    await expect(acceptInvitation(db, thief.context, { secret })).rejects.toMatchObject(missing);
    const both = await Promise.allSettled([0, 1].map(() => acceptInvitation(db, guest.context, { secret })));
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const { items } = await listMembers(db, guest.context, { organisationId });
    expect(items.map(({ role }) => role).sort()).toEqual(['member', 'owner']);
  });

  it('keeps an owner, whoever steps down at the same time', async () => {
    const { db } = database;
    const { organisationId, owner } = await makeOrganisation(db);
    const second = await makeMember(db, organisationId, 'owner');
    const admin = await makeMember(db, organisationId, 'admin');
    await expect(
      setMemberRole(db, admin.context, { organisationId, userId: owner.userId, role: 'member' }),
    ).rejects.toMatchObject(forbidden);
    const results = await Promise.allSettled(
      [owner, second].map(({ userId, context }) =>
        setMemberRole(db, context, { organisationId, userId, role: 'member' }),
      ),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('has every write in its audit, with who did it', async () => {
    const { db } = database;
    const organisation = await makeOrganisation(db);
    const { organisationId, owner } = organisation;
    const { context, tokenId } = await makeToken(db, organisation);
    const runId = await makeRun(db, organisation);
    await updateRun(db, context, { organisationId, runId, tags: ['a', 'a', 'b'] });
    const { items } = await listAudit(db, owner.context, { organisationId });
    expect(items.map(({ action }) => action)).toEqual([
      'run.update',
      'run.create',
      'token.create',
      'dataset.version',
      'project.create',
      'organisation.create',
    ]);
    expect(items[0]).toMatchObject({
      actorKind: 'token',
      actorId: tokenId,
      userId: owner.userId,
      requestId: 'test',
      address: '127.0.0.1',
      subjectId: runId,
    });
  });
});

describe('a deleted run', () => {
  it('is hidden at once, and not deleted while it is at work or referred to', async () => {
    const { db } = database;
    const organisation = await makeOrganisation(db);
    const { organisationId, owner } = organisation;
    const runId = await makeRun(db, organisation);
    await expect(deleteRun(db, owner.context, { organisationId, runId })).rejects.toMatchObject({
      code: 'bad-input.state',
    });
    await db.prisma.run.update({ where: { id: runId }, data: { state: 'completed', endedAt: new Date() } });
    await setBaseline(db, owner.context, { organisationId, runId });
    await expect(deleteRun(db, owner.context, { organisationId, runId })).rejects.toMatchObject({
      code: 'bad-input.in-use',
    });
    await db.prisma.experiment.updateMany({ where: { organisationId }, data: { baselineRunId: null } });
    await deleteRun(db, owner.context, { organisationId, runId });
    await expect(getRun(db, owner.context, { organisationId, runId })).rejects.toMatchObject(missing);
    expect((await listRuns(db, owner.context, { organisationId })).items).toEqual([]);
  });
});
