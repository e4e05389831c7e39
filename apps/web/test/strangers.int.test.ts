import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type HttpRoute, nodeRoutes, restRoutes } from '@lockstep/contracts';
import { retireNode, revokeToken } from '@lockstep/db';
import { makeNode, system } from '@lockstep/db/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApiDocument } from '../src/server/rest/openapi.js';
import { appRouter } from '../src/server/routers/app-router.js';
import { authPaths } from '../src/server/services/auth.js';
import { Api, Person } from './client.js';
import { openLive } from './live-reader.js';
import {
  type Account,
  contentOf,
  makeCheckpoint,
  makePlacedRun,
  makeTeam,
  makeToken,
  makeViewer,
  makeWorld,
  nodeSender,
  type PlacedRun,
  signUp,
  spec,
  type Team,
  type World,
} from './world.js';

let world: World;
let ours: Team;
let theirs: Team;
let stranger: Account;
let viewer: Account & { token: string };
let placed: PlacedRun;
let checkpointId: string;
let datasetId: string;
let tokenId: string;
let invitationId: string;
let ownerSessionId: string;
/** Words that only our organisation's content has. */
let secrets: string[];

beforeAll(async () => {
  world = await makeWorld();
  [ours, theirs, stranger] = [await makeTeam(world), await makeTeam(world), await signUp(world)];
  viewer = await makeViewer(world, ours);
  placed = await makePlacedRun(world, ours);
  checkpointId = await makeCheckpoint(placed);
  await placed.sendAsNode('POST', `/runs/${placed.runId}/batches`, {
    generation: 1,
    source: 'rank-0',
    sequence: 0,
    points: [{ name: 'train/secret', steps: [1], values: [42.4242] }],
    logs: [{ time: '2026-11-25T08:00:00.000Z', level: 'info', text: 'a line that is ours' }],
  });
  const { db } = world;
  datasetId = (await db.prisma.dataset.findFirstOrThrow({ where: { organisationId: ours.organisationId } })).id;
  tokenId = (await db.prisma.apiToken.findFirstOrThrow({ where: { userId: ours.owner.userId } })).id;
  const { body: invited } = await ours.owner.person.mutate('organisation.invite', {
    organisation: ours.slug,
    email: 'somebody.invited@example.com',
    role: 'member',
  });
  invitationId = (await db.prisma.invitation.findFirstOrThrow({ where: { organisationId: ours.organisationId } })).id;
  ownerSessionId = (await db.prisma.session.findFirstOrThrow({ where: { userId: ours.owner.userId } })).id;
  secrets = [
    invited.secret,
    'somebody.invited@example.com',
    ours.slug,
    ours.project,
    placed.runId,
    'train/secret',
    '42.4242',
    'a line that is ours',
    ours.owner.email,
    placed.node.nodeId,
  ];
});
afterAll(() => world?.close());

const withoutOurs = (text: string): void => {
  for (const secret of secrets) expect(text).not.toContain(secret);
};

/** A request that would be right for each route. */
function requestFor(name: keyof typeof restRoutes, route: HttpRoute) {
  const ids: Record<string, string> = { runId: placed.runId, checkpointId, datasetId, project: ours.project };
  const params = Object.fromEntries(
    [...route.path.matchAll(/\{(\w+)\}/g)].map(([, key = '']) => {
      const value = ids[key];
      if (value === undefined) throw new Error(`the test knows no ${key} for ${route.path}`);
      return [key, value];
    }),
  );
  const bodies: Partial<Record<keyof typeof restRoutes, unknown>> = {
    createRun: { project: ours.project, spec },
    validateRun: { project: ours.project, spec },
    updateRun: { name: 'changed' },
    createProject: { slug: 'made-by-a-stranger' },
  };
  if (route.body !== undefined && bodies[name] === undefined) throw new Error(`the test knows no body for ${name}`);
  const body = bodies[name];
  return { params, ...(body === undefined ? {} : { body }) };
}

const routes = Object.entries(restRoutes) as [keyof typeof restRoutes, HttpRoute][];
const names = routes.map(([name]) => name);
/** Streams and waits of a viewer would not end by themselves. */
const readsOnce = (name: string): Record<string, string> => (name === 'waitForRun' ? { timeoutSeconds: '0' } : {});

describe('REST', () => {
  it('has the routes that the OpenAPI document has', () => {
    const { paths } = openApiDocument(world.web.url) as {
      paths: Record<string, Record<string, { operationId: string }>>;
    };
    const documented = Object.values(paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    );
    expect(documented.sort()).toEqual([...names].sort());
  });

  it('tells the signed-out, the revoked, the expired, the mistyped and other credentials nothing, and changes nothing', async () => {
    const revoked = await makeToken(world, { organisationId: ours.organisationId, userId: ours.owner.userId });
    const row = await world.db.prisma.apiToken.findFirstOrThrow({ orderBy: { id: 'desc' } });
    await revokeToken(world.db, system, { organisationId: ours.organisationId, tokenId: row.id });
    const expired = await makeToken(
      world,
      { organisationId: ours.organisationId, userId: ours.owner.userId },
      { expiresAt: new Date(Date.now() + 60_000) },
    );
    await world.db.pool.query(
      `UPDATE api_token SET expires_at = now() - interval '1 second' WHERE expires_at IS NOT NULL`,
    );
    const mistyped = `${ours.token.slice(0, -1)}${ours.token.endsWith('a') ? 'b' : 'a'}`;
    const before = await contentOf(world);
    for (const token of [null, revoked, expired, mistyped, placed.node.secret, 'x']) {
      for (const [name, route] of routes) {
        const answer = await new Api(world.web.url, token).send(name, requestFor(name, route));
        expect([name, answer.status, answer.body.code]).toEqual([name, 401, 'auth.unauthenticated']);
        withoutOurs(answer.text);
      }
    }
    expect(await contentOf(world)).toEqual(before);
  });

  it('does not look at cookies', async () => {
    const { cookie } = ours.owner.person;
    for (const [name, route] of routes) {
      const answer = await new Api(world.web.url, null).send(name, { ...requestFor(name, route), headers: { cookie } });
      expect([name, answer.status]).toEqual([name, 401]);
    }
  });

  it('tells another organisation nothing, and lets it change nothing', async () => {
    const before = await contentOf(world);
    for (const [name, route] of routes) {
      // What has no address of ours would be about their own organisation.
      if (name === 'createProject') continue;
      const request = requestFor(name, route);
      const answer = await theirs.api.send(name, { ...request, query: readsOnce(name) });
      const isAboutOurs = Object.keys(request.params).length > 0 || 'body' in request;
      expect([name, answer.status]).toEqual([name, isAboutOurs ? 404 : 200]);
      withoutOurs(answer.text);
    }
    expect(await contentOf(world)).toEqual(before);
  });

  it('lets a viewer read and change nothing, whatever their token was made for', async () => {
    const before = await contentOf(world);
    for (const [name, route] of routes) {
      if (name === 'streamEvents') continue;
      const answer = await new Api(world.web.url, viewer.token).send(name, {
        ...requestFor(name, route),
        query: readsOnce(name),
      });
      const isChange = route.method !== 'GET' && name !== 'validateRun';
      expect([name, answer.status]).toEqual([name, isChange ? 403 : 200]);
    }
    expect(await contentOf(world)).toEqual(before);
  });

  it('holds a token to its scopes and its project', async () => {
    const owner = { organisationId: ours.organisationId, userId: ours.owner.userId };
    const reader = new Api(world.web.url, await makeToken(world, owner, { scopes: ['runs:read'] }));
    await ours.owner.person.mutate('project.create', { organisation: ours.slug, slug: 'another' });
    const elsewhere = new Api(world.web.url, await makeToken(world, owner, { project: 'another' }));
    const before = await contentOf(world);
    for (const [name, route] of routes) {
      const request = { ...requestFor(name, route), query: readsOnce(name) };
      if (route.scope === 'runs:write' || route.scope === 'projects:write') {
        expect([name, (await reader.send(name, request)).status]).toEqual([name, 403]);
      }
      if (name !== 'createProject' && ('body' in request || 'runId' in request.params || 'project' in request.params)) {
        expect([name, (await elsewhere.send(name, request)).status]).toEqual([name, 404]);
      }
    }
    expect((await elsewhere.send('listRuns')).body.items).toEqual([]);
    expect((await elsewhere.send('createProject', { body: { slug: 'third' } })).status).toBe(403);
    expect(await contentOf(world)).toEqual(before);
  });
});

/** Inputs that would be right for each procedure. */
function inputs(): Record<string, unknown> {
  const organisation = ours.slug;
  const ofRun = { organisation, runId: placed.runId };
  return {
    'session.get': undefined,
    'account.changePassword': { currentPassword: 'not the password', newPassword: 'another password' },
    'account.resetPassword': { secret: 'lsr_none', newPassword: 'another password' },
    'account.sessions': undefined,
    'account.revokeSession': { sessionId: ownerSessionId },
    'account.revokeOtherSessions': undefined,
    'organisation.list': undefined,
    'organisation.get': { organisation },
    'organisation.create': { slug: ours.slug, name: 'x' },
    'organisation.members': { organisation },
    'organisation.setMemberRole': { organisation, userId: viewer.userId, role: 'admin' },
    'organisation.invite': { organisation, email: 'x@example.com', role: 'member' },
    'organisation.invitations': { organisation },
    'organisation.revokeInvitation': { organisation, invitationId },
    'organisation.createPasswordReset': { organisation, userId: viewer.userId },
    'organisation.acceptInvitation': { secret: 'lsi_none' },
    'organisation.setLimit': { organisation, kind: 'cores', value: 0 },
    'organisation.audit': { organisation },
    'project.list': { organisation },
    'project.activity': { organisation },
    'project.get': { organisation, project: ours.project },
    'project.create': { organisation, slug: 'made-by-a-stranger' },
    'run.list': { organisation },
    'run.get': ofRun,
    'run.table': { organisation, project: ours.project, order: 'loss', descending: true, offset: 0, limit: 10 },
    'run.curves': { organisation, runIds: [placed.runId] },
    'run.create': { organisation, project: ours.project, spec },
    'run.retry': ofRun,
    'run.clone': { ...ofRun, name: 'made by a stranger' },
    'run.validate': { organisation, project: ours.project, spec },
    'run.update': { ...ofRun, name: 'changed' },
    'run.setBaseline': ofRun,
    'run.cancel': ofRun,
    'run.delete': ofRun,
    'run.metrics': ofRun,
    'run.logsTail': { ...ofRun, last: 10 },
    'run.history': { ...ofRun, since: 0, limit: 10 },
    'run.clock': ofRun,
    'run.summaries': { organisation, runIds: [placed.runId] },
    'run.news': { ...ofRun, since: 0 },
    'run.checkpoints': ofRun,
    'dataset.list': { organisation },
    'dataset.get': { organisation, datasetId },
    'dataset.content': { organisation, datasetId },
    'dataset.samples': { organisation, datasetId, split: 'validation', offset: 0, count: 5 },
    'node.list': { organisation },
    'node.createCredential': { organisation, name: 'made-by-a-stranger' },
    'node.drain': { organisation, nodeId: placed.node.nodeId },
    'node.retire': { organisation, nodeId: placed.node.nodeId },
    'token.list': { organisation },
    'token.create': { organisation, name: 'x', scopes: ['runs:read'] },
    'token.revoke': { organisation, tokenId },
  };
}

const procedures = Object.entries(appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>);

async function call(person: Person, path: string, type: string) {
  const input = inputs()[path];
  return type === 'mutation' ? person.mutate(path, input) : person.query(path, input);
}

describe('tRPC', () => {
  it('has inputs in this test for every procedure', () => {
    expect(Object.keys(inputs()).sort()).toEqual(procedures.map(([path]) => path).sort());
  });

  it('tells the signed-out nothing, and lets them change nothing', async () => {
    const before = await contentOf(world);
    for (const person of [new Person(world.web.url, ''), new Person(world.web.url, 'lockstep.session_token=abc.def')]) {
      for (const [path, { _def }] of procedures) {
        const answer = await call(person, path, _def.type);
        if (path === 'session.get') expect(answer.body).toBeNull();
        // Its secret is the right to do it.
        else if (path === 'account.resetPassword') expect([path, answer.status]).toEqual([path, 404]);
        else expect([path, answer.status, answer.body.code]).toEqual([path, 401, 'auth.unauthenticated']);
        withoutOurs(answer.text);
      }
    }
    expect(await contentOf(world)).toEqual(before);
  });

  it('tells strangers that there is nothing, and lets them change nothing', async () => {
    const before = await contentOf(world);
    for (const { person } of [stranger, theirs.owner]) {
      for (const [path, { _def }] of procedures) {
        const answer = await call(person, path, _def.type);
        const own: Record<string, number> = {
          'session.get': 200,
          'account.changePassword': 403,
          'account.sessions': 200,
          'account.revokeOtherSessions': 200,
          'organisation.list': 200,
          'organisation.create': 409,
        };
        expect([path, answer.status]).toEqual([path, own[path] ?? 404]);
        // The name that somebody wants for an organisation is said to be taken; it is in addresses.
        if (path !== 'organisation.create') withoutOurs(answer.text);
      }
    }
    expect(await contentOf(world)).toEqual(before);
  });

  it('lets a viewer read and change nothing', async () => {
    const before = await contentOf(world);
    const others: Record<string, number> = {
      'organisation.create': 409,
      'organisation.acceptInvitation': 404,
      'organisation.audit': 403,
      'organisation.invitations': 403,
      // These are about one's own account.
      'account.resetPassword': 404,
      'account.revokeSession': 404,
      'account.revokeOtherSessions': 200,
      // Other people's tokens are not known to them.
      'token.revoke': 404,
    };
    for (const [path, { _def }] of procedures) {
      const answer = await call(viewer.person, path, _def.type);
      expect([path, answer.status]).toEqual([path, others[path] ?? (_def.type === 'query' ? 200 : 403)]);
    }
    expect(await contentOf(world)).toEqual(before);
  });

  it('takes no token', async () => {
    const answer = await fetch(`${world.web.url}/api/trpc/organisation.list`, {
      headers: { authorization: `Bearer ${ours.token}` },
    });
    expect(answer.status).toBe(401);
  });
});

describe('everything that is served', () => {
  it('is one of the interfaces that are tried here or in the tests of accounts', () => {
    const app = fileURLToPath(new URL('../src/app/', import.meta.url));
    const handlers = readdirSync(app, { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.endsWith('route.ts'),
    );
    expect(handlers.sort()).toEqual([
      '[organisation]/[project]/runs/[run]/checkpoints/[checkpoint]/route.ts',
      '[organisation]/[project]/runs/[run]/export/route.ts',
      'api/auth/[...path]/route.ts',
      'api/health/route.ts',
      'api/live/route.ts',
      'api/openapi.json/route.ts',
      'api/sign-up/route.ts',
      'api/trpc/[trpc]/route.ts',
      'api/v1/[[...path]]/route.ts',
      'docs/api/assets/[file]/route.ts',
      'docs/api/route.ts',
      'node/v1/[[...path]]/route.ts',
    ]);
    // What the accounts library serves is about the session that the request brings.
    expect([...authPaths].sort()).toEqual(['get-session', 'sign-in/email', 'sign-out']);
  });
});

describe('the live stream', () => {
  const open = (headers: Record<string, string>) => fetch(`${world.web.url}/api/live`, { headers });

  it('takes sessions only', async () => {
    const none: Record<string, string>[] = [
      {},
      { authorization: `Bearer ${ours.token}` },
      { cookie: 'session_token=x' },
    ];
    for (const headers of none) {
      const answer = await open(headers);
      expect([answer.status, (await answer.json()).code]).toEqual([401, 'auth.unauthenticated']);
    }
    const posted = await fetch(`${world.web.url}/api/live`, {
      method: 'POST',
      headers: { cookie: viewer.person.cookie },
    });
    expect(posted.status).toBe(405);
    const bad = await fetch(`${world.web.url}/api/live?browser=${'x'.repeat(65)}`, {
      headers: { cookie: viewer.person.cookie },
    });
    expect([bad.status, (await bad.json()).code]).toEqual([422, 'bad-input.field']);
  });

  it('tells members of the run and its node, and strangers nothing of it', async () => {
    const [mine, others] = await Promise.all([
      openLive(world, ours.owner.person),
      openLive(world, theirs.owner.person),
    ]);
    const theirRun = await makePlacedRun(world, theirs);
    await ours.owner.person.mutate('run.update', { organisation: ours.slug, runId: placed.runId, name: 'told' });
    await placed.sendAsNode('POST', '/heartbeat', { instance: 'first', ranks: [] });
    await mine.until((text) => text.includes(placed.runId) && text.includes('event: nodes'));
    // What was said to them afterwards has come: what was about ours would have come before.
    const name = 'theirs';
    await theirs.owner.person.mutate('run.update', { organisation: theirs.slug, runId: theirRun.runId, name });
    const { cursor } = (
      await theirs.owner.person.query('run.get', { organisation: theirs.slug, runId: theirRun.runId })
    ).body;
    await others.until((text) => text.includes(`"cursor":${cursor}}`));
    withoutOurs(others.text());
    expect(mine.text()).not.toContain(theirRun.runId);
    await Promise.all([mine.close(), others.close()]);
  });
});

describe('the node API', () => {
  it('has requests in this test for every route', () => {
    expect(Object.keys(nodeRequests()).sort()).toEqual(Object.keys(nodeRoutes).sort());
  });

  /** A request that would be right for each route of the node that carries the run. */
  function nodeRequests(): Record<keyof typeof nodeRoutes, [path: string, body?: unknown]> {
    const generation = `/runs/${placed.runId}/generations/1`;
    const digest = 'ab'.repeat(32);
    const files = [{ name: 'manifest.json', bytes: 1, sha256: digest }];
    const value = { rank: 0, nonce: placed.nonce, address: 'YQ==', numericClass: { id: digest, parts: {} } };
    return {
      register: [
        '/register',
        { name: 'x', instance: 'x', address: '', cores: 1, memoryBytes: 1, cpuModel: '', isas: [], agentVersion: '' },
      ],
      heartbeat: ['/heartbeat', { instance: 'first', ranks: [] }],
      putDataset: [
        '/datasets',
        {
          name: 'x',
          version: digest,
          trainSamples: 1,
          validationSamples: 1,
          sampleShape: [1],
          classes: 2,
          dtype: 'uint8',
        },
      ],
      getGeneration: [generation],
      putRendezvous: [`${generation}/rendezvous/0`, { value }],
      getRendezvous: [`${generation}/rendezvous`],
      putAgreement: [`${generation}/agreements/5/0`, { step: 1, digest }],
      getAgreement: [`${generation}/agreements/5`],
      postBatch: [`/runs/${placed.runId}/batches`, { generation: 1, source: 'rank-0', sequence: 9 }],
      postCheckpoint: [
        `${generation}/checkpoints`,
        { sequence: 5, step: 1, epoch: 0, best: false, weightsDigest: digest, stateDigest: digest, files },
      ],
      postResult: [`${generation}/results`, { kind: 'failed', rank: 0, code: 'internal.rank', message: 'x' }],
      putBlob: [`/blobs/${digest}`, Buffer.from('x')],
      getBlob: [`/blobs/${digest}`],
    };
  }

  it('tells nobody but nodes anything', async () => {
    const { nodeId, secret } = await makeNode(world.db, ours.organisationId);
    await retireNode(world.db, system, { organisationId: ours.organisationId, nodeId });
    const before = await contentOf(world);
    for (const credential of ['', ours.token, secret, `${placed.node.secret.slice(0, -1)}7`]) {
      for (const [name, [path, body]] of Object.entries(nodeRequests())) {
        const answer = await nodeSender(world, credential)(
          nodeRoutes[name as keyof typeof nodeRoutes].method,
          path,
          body,
        );
        expect([name, answer.status]).toEqual([name, 401]);
        withoutOurs(answer.text);
      }
    }
    expect(await contentOf(world)).toEqual(before);
  });

  it('tells nodes of other runs and other organisations nothing about this one', async () => {
    const nodes = [await makeNode(world.db, theirs.organisationId), await makeNode(world.db, ours.organisationId)];
    const before = await contentOf(world);
    for (const { secret } of nodes) {
      for (const [name, [path, body]] of Object.entries(nodeRequests())) {
        if (!path.startsWith('/runs/') && name !== 'getBlob') continue;
        const answer = await nodeSender(world, secret)(nodeRoutes[name as keyof typeof nodeRoutes].method, path, body);
        expect([name, answer.status]).toEqual([name, 404]);
        withoutOurs(answer.text);
      }
    }
    expect(await contentOf(world)).toEqual(before);
  });

  it('keeps blobs of organisations apart', async () => {
    const { files } = (await ours.api.send('getCheckpoint', { params: { runId: placed.runId, checkpointId } })).body;
    const { secret } = await makeNode(world.db, theirs.organisationId);
    for (const { sha256 } of files) {
      expect((await nodeSender(world, secret)('GET', `/blobs/${sha256}`)).status).toBe(404);
      expect((await placed.sendAsNode('GET', `/blobs/${sha256}`)).status).toBe(200);
    }
  });
});

describe('pages', () => {
  it('send the signed-out to sign in, and tell strangers that there is nothing', async () => {
    const run = `/${ours.slug}/${ours.project}/runs/${placed.runId}`;
    const paths = [`/${ours.slug}`, `/${ours.slug}/tokens`, `/${ours.slug}/datasets/${datasetId}`, run, `${run}/think`];
    for (const path of paths) {
      const out = await fetch(world.web.url + path, { redirect: 'manual' });
      expect([path, out.status, out.headers.get('location')]).toEqual([
        path,
        307,
        `/sign-in?next=${encodeURIComponent(path)}`,
      ]);
      const other = await fetch(world.web.url + path, { headers: { cookie: stranger.person.cookie } });
      expect([path, other.status]).toEqual([path, 404]);
      const own = await fetch(world.web.url + path, { headers: { cookie: viewer.person.cookie } });
      expect([path, own.status]).toEqual([path, 200]);
    }
  });

  it.each([
    ['a model', 'checkpoints/'],
    ['metrics', 'export?what=metrics'],
    ['logs', 'export?what=logs&format=csv'],
  ])('give %s to who may see it only', async (_, rest) => {
    const below = rest.endsWith('/') ? rest + checkpointId : rest;
    const path = `/${ours.slug}/${ours.project}/runs/${placed.runId}/${below}`;
    const as = (headers: Record<string, string>) => fetch(world.web.url + path, { headers });
    expect((await as({})).status).toBe(401);
    expect((await as({ authorization: `Bearer ${ours.token}` })).status).toBe(401);
    const other = await as({ cookie: stranger.person.cookie });
    expect(other.status).toBe(404);
    withoutOurs((await other.text()).replaceAll(placed.runId, ''));
    expect((await as({ cookie: viewer.person.cookie })).status).toBe(200);
  });
});
