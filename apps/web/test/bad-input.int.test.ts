import { request as httpRequest } from 'node:http';
import { type HttpRoute, limits, problemSchema, restRoutes } from '@lockstep/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, send } from './client.js';
import { contentOf, makePlacedRun, makeTeam, makeWorld, type PlacedRun, spec, type Team, type World } from './world.js';

let world: World;
let team: Team;
let placed: PlacedRun;
let before: Record<string, string>;
beforeAll(async () => {
  world = await makeWorld();
  team = await makeTeam(world);
  placed = await makePlacedRun(world, team);
  before = await contentOf(world);
});
afterAll(async () => {
  // Whatever was sent here, nothing came of it.
  if (world) expect(await contentOf(world)).toEqual(before);
  await world?.close();
});

function expectProblem(answer: Answer, status: number, code: string): void {
  expect([answer.status, answer.body?.code, answer.headers.get('content-type')]).toEqual([
    status,
    code,
    'application/problem+json',
  ]);
  const problem = problemSchema.parse(answer.body);
  expect(problem.requestId).toBe(answer.headers.get('x-request-id'));
  expect(problem.detail.length).toBeGreaterThan(20);
}

const create = (body: unknown, headers = {}) => team.api.send('createRun', { body, headers });
const createWith = (given: string) => create({ project: team.project, spec: given });

describe('bodies', () => {
  it.each(['', '{', '[1,', 'null x', '{"project":NaN}', "{'project':1}"])(
    'that are no JSON are refused: %j',
    async (body) => {
      expectProblem(await create(body), 400, 'bad-input.syntax');
    },
  );

  it('of other types are refused', async () => {
    expectProblem(await create('{}', { 'content-type': 'text/plain' }), 415, 'bad-input.content-type');
  });

  it('that are no UTF-8 are refused', async () => {
    const headers = { authorization: `Bearer ${team.token}`, 'content-type': 'application/json' };
    const answer = await send(`${world.web.url}/api/v1/runs`, {
      method: 'POST',
      headers,
      body: Uint8Array.of(0x7b, 0xff, 0x7d),
    });
    expectProblem(answer, 400, 'bad-input.syntax');
  });

  it('of ten megabytes are refused early, whatever length they claim', async () => {
    for (const length of [10 * 2 ** 20, null]) {
      const { status, sent } = await postSlowly(`${world.web.url}/api/v1/runs`, team.token, 10 * 2 ** 20, length);
      expect(status).toBe(413);
      expect(sent).toBeLessThan(6 * 2 ** 20);
    }
  });

  it('are not read for whoever has no token', async () => {
    const { status, sent } = await postSlowly(`${world.web.url}/api/v1/runs`, 'none', 10 * 2 ** 20, null);
    expect(status).toBe(401);
    expect(sent).toBeLessThan(6 * 2 ** 20);
  });

  it('of a hundred thousand levels are refused', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expectProblem(await create(`{"project":"x","spec":${deep}}`), 413, 'bad-input.too-large');
  });

  it('name every problem with its place', async () => {
    const answer = await create({ project: 'Not A Slug', spec, workers: 0, colour: 'red' });
    expectProblem(answer, 422, 'bad-input.field');
    expect(answer.body.problems.map(({ path }: { path: string }) => path).sort()).toEqual([
      'colour',
      'project',
      'workers',
    ]);
  });
});

describe('specs', () => {
  it('that grow when they are read are refused', async () => {
    const levels = Array.from({ length: 30 }, (_, index) => `l${index + 1}: &l${index + 1} [*l${index}, *l${index}]`);
    expectProblem(await createWith(['l0: &l0 [x, x]', ...levels].join('\n')), 400, 'bad-input.syntax');
  });

  it('name the line of what is wrong', async () => {
    const answer = await createWith('dataset: mnist\nmodel: {preset: lenet5}\ntraining:\n  epochs: lots\n');
    expectProblem(answer, 422, 'bad-input.field');
    expect(answer.body.problems).toEqual([expect.objectContaining({ path: 'training.epochs', line: 4, column: 3 })]);
  });

  it.each([
    ['.nan', 'bad-input.field'],
    ['.inf', 'bad-input.field'],
    ['1e999', 'bad-input.field'],
  ])('with a learning rate of %s are refused', async (rate, code) => {
    const text = `${spec.replace('training: {', `training: {optimizer: {kind: sgd, learningRate: ${rate}}, `)}`;
    expectProblem(await createWith(text), 422, code);
  });

  it('of another dataset, or of a folder of the server, are refused', async () => {
    expectProblem(await createWith(spec.replace('mnist', 'cifar')), 422, 'bad-input.unknown-dataset');
    expectProblem(await createWith(spec.replace('mnist', '{folder: /etc}')), 422, 'bad-input.unknown-dataset');
  });

  it('that are too large are refused', async () => {
    expectProblem(await createWith(`${spec}# ${'x'.repeat(limits.documentBytes)}`), 422, 'bad-input.field');
    expectProblem(await createWith(`${spec}# ${'ü'.repeat(limits.documentBytes * 0.6)}`), 413, 'bad-input.too-large');
  });

  it('with more workers than lanes are refused', async () => {
    const answer = await create({ project: team.project, spec, workers: 9 });
    expectProblem(answer, 422, 'bad-input.workers');
  });

  it('given as objects are bounded as those given as text', async () => {
    const object = { dataset: 'mnist', model: { preset: 'lenet5' }, __proto__: null, training: { epochs: 'x' } };
    expectProblem(await create({ project: team.project, spec: object }), 422, 'bad-input.field');
    const hostile = `{"project":${JSON.stringify(team.project)},"spec":{"__proto__":{"dataset":"mnist"}}}`;
    expect((await create(hostile)).status).toBeGreaterThanOrEqual(400);
  });
});

describe('addresses', () => {
  const routes = Object.entries(restRoutes) as [keyof typeof restRoutes, HttpRoute][];

  it('with ids that are unknown, mistyped or of another kind are not found, on every route', async () => {
    const uuid = '01900000-0000-7000-8000-000000000000';
    const bad: Record<string, string[]> = {
      runId: [`run_${uuid}`, 'run_1', uuid, `tok_${uuid}`, `RUN_${uuid}`, '..', `run_${uuid}'--`],
      checkpointId: [`ckp_${uuid}`, 'ckp_1', '%00'],
      datasetId: [`ds_${uuid}`, 'x'],
      project: ['unknown', 'UPPER', 'a'.repeat(500)],
    };
    for (const [name, route] of routes) {
      const keys = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, key = '']) => key);
      for (const key of keys) {
        for (const value of bad[key] ?? []) {
          const params = { runId: placed.runId, checkpointId: `ckp_${uuid}`, [key]: encodeURIComponent(value) };
          const body = name === 'updateRun' ? { name: 'x' } : undefined;
          const answer = await team.api.send(name, { params, ...(body ? { body } : {}) });
          // ".." leads out of the API before it gets here.
          if (value === '..') expect(answer.status).toBeGreaterThanOrEqual(300);
          else expect([name, value, answer.status]).toEqual([name, value, 404]);
        }
      }
    }
  });

  it('that are not there, and methods that they do not have, are said so', async () => {
    const headers = { authorization: `Bearer ${team.token}` };
    expectProblem(await send(`${world.web.url}/api/v1/nothing`, { headers }), 404, 'auth.not-found');
    const wrong = await send(`${world.web.url}/api/v1/runs`, { method: 'DELETE', headers });
    expectProblem(wrong, 405, 'bad-input.method');
    expect(wrong.headers.get('allow')).toBe('POST, GET');
  });

  it('with queries that are not understood are refused', async () => {
    const queries: Record<string, string>[] = [
      { limit: '0' },
      { limit: '1e3' },
      { limit: '-1' },
      { state: 'dancing' },
      { cursor: 'x' },
      { unknown: '1' },
    ];
    for (const query of queries) {
      const answer = await team.api.send('listRuns', { query });
      expect([query, answer.status]).toEqual([query, 422]);
    }
    const twice = await send(`${world.web.url}/api/v1/runs?limit=1&limit=2`, {
      headers: { authorization: `Bearer ${team.token}` },
    });
    expect(twice.status).toBe(422);
  });
});

describe('credentials', () => {
  it.each(['', 'Bearer', 'Bearer ', 'Basic abc', 'Bearer a b', `Bearer ${'x'.repeat(600)}`, 'Bearer lst_aaaa'])(
    'that are none are refused: %j',
    async (authorization) => {
      const answer = await send(`${world.web.url}/api/v1/me`, { headers: { authorization } });
      expectProblem(answer, 401, 'auth.unauthenticated');
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    },
  );
});

describe('the node API', () => {
  it('refuses batches that are not in order', async () => {
    const path = `/runs/${placed.runId}/batches`;
    const batch = { generation: 1, source: 'rank-0', sequence: 0 };
    const points = (more: Record<string, unknown>) => [{ name: 'train/loss', steps: [1], values: [1], ...more }];
    for (const bad of [
      {},
      { ...batch, sequence: -1 },
      { ...batch, source: 'Rank 0' },
      { ...batch, points: points({ values: ['x'] }) },
      { ...batch, points: points({ name: '../x' }) },
      { ...batch, points: points({ steps: [1.5] }) },
    ]) {
      const answer = await placed.sendAsNode('POST', path, bad);
      expect([bad, answer.status]).toEqual([bad, 422]);
    }
  });

  it('refuses bodies beyond its own limit early', async () => {
    const url = `${world.web.url}/node/v1/runs/${placed.runId}/batches`;
    const { status, sent } = await postSlowly(url, placed.node.secret, 40 * 2 ** 20, null);
    expect(status).toBe(413);
    expect(sent).toBeLessThan(24 * 2 ** 20);
  });
});

/** Posts megabyte after megabyte until there is an answer. */
function postSlowly(
  url: string,
  token: string,
  bytes: number,
  claimed: number | null,
): Promise<{ status: number; sent: number }> {
  return new Promise((resolve, reject) => {
    let sent = 0;
    let answered = false;
    const request = httpRequest(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        ...(claimed === null ? {} : { 'content-length': String(claimed) }),
      },
    });
    request.on('response', (response) => {
      answered = true;
      response.resume();
      resolve({ status: response.statusCode ?? 0, sent });
      request.destroy();
    });
    request.on('error', (error) => {
      if (!answered) reject(error);
    });
    const piece = Buffer.alloc(2 ** 18, 0x20);
    const write = (): void => {
      if (answered || sent >= bytes) return;
      sent += piece.length;
      request.write(piece, () => setTimeout(write, 2));
    };
    request.flushHeaders();
    write();
  });
}
