import { createHash } from 'node:crypto';
import {
  checkpointPageSchema,
  logPageSchema,
  metricsResponseSchema,
  runDetailSchema,
  runPageSchema,
  validateRunResponseSchema,
} from '@lockstep/contracts';
import { finishRun } from '@lockstep/db';
import { system } from '@lockstep/db/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runNews } from '../src/server/runs/run-news.js';
import { readEvents, type SeenEvent } from './sse.js';
import {
  makeCheckpoint,
  makePlacedRun,
  makeTeam,
  makeWorld,
  type PlacedRun,
  putBlob,
  spec,
  type Team,
  type World,
} from './world.js';

let world: World;
let team: Team;
beforeAll(async () => {
  world = await makeWorld();
  team = await makeTeam(world);
});
afterAll(() => world?.close());

const digest = 'cd'.repeat(32);

async function finish({ runId, generation }: PlacedRun): Promise<void> {
  await finishRun(world.db, system, {
    runId,
    generation,
    outcome: {
      state: 'completed',
      reason: 'all-epochs',
      failure: null,
      result: { step: 40, epoch: 1, testLoss: 0.1, testAccuracy: 0.97, weightsDigest: digest, stateDigest: digest },
    },
  });
}

function batchOf(sequence: number, first: number): Record<string, unknown> {
  return {
    generation: 1,
    source: 'rank-0',
    sequence,
    points: [
      { name: 'train/loss', steps: [first, first + 1], values: [1 / first, 'NaN'] },
      { name: 'train/accuracy', steps: [first, first + 1], values: [0.5, 0.6] },
    ],
    logs: [{ time: '2026-11-25T08:00:00.000Z', level: 'info', text: `=line ${sequence}, "quoted"` }],
    events: [{ time: '2026-11-25T08:00:00.000Z', kind: 'note', data: { sequence } }],
  };
}

describe('creating runs', () => {
  it('gives a queued run with everything resolved', async () => {
    const answer = await team.api.send('createRun', {
      body: { project: team.project, spec, name: 'first', tags: ['a', 'b'], notes: 'why', workers: 2, threads: 2 },
    });
    expect(answer.status).toBe(201);
    const run = runDetailSchema.parse(answer.body);
    expect(run).toMatchObject({
      organisation: team.slug,
      project: team.project,
      experiment: 'default',
      name: 'first',
      tags: ['a', 'b'],
      notes: 'why',
      state: 'queued',
      reason: null,
      workers: 2,
      threads: 2,
      minimumWorkers: 2,
      step: 0,
      totalSteps: 938,
      createdBy: { kind: 'token', name: 'test' },
      url: `${world.web.url}/${team.slug}/${team.project}/runs/${run.id}`,
    });
    expect(run.resolvedSpec.lanes).toBe(8);
    expect((await team.api.send('getRun', { params: { runId: run.id } })).body).toEqual(answer.body);
  });

  it('takes the spec as an object too', async () => {
    const object = { dataset: 'mnist', model: { preset: 'lenet5' }, training: { epochs: 1, batchSize: 64 } };
    const [first, second] = await Promise.all(
      [spec, object].map((given) => team.api.send('createRun', { body: { project: team.project, spec: given } })),
    );
    expect(second?.status).toBe(201);
    expect(second?.body.resolvedSpec).toEqual(first?.body.resolvedSpec);
  });

  it('gives the same run for the same idempotency key, also at the same time, and refuses another request under it', async () => {
    const headers = { 'idempotency-key': 'key-1' };
    const body = { project: team.project, spec, name: 'once' };
    const answers = await Promise.all(Array.from({ length: 5 }, () => team.api.send('createRun', { body, headers })));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
    const other = await team.api.send('createRun', { body: { ...body, name: 'twice' }, headers });
    expect([other.status, other.body.code]).toEqual([409, 'bad-input.idempotency-key']);
  });

  it('can be tried without creating anything', async () => {
    const before = await world.db.prisma.run.count();
    const answer = await team.api.send('validateRun', { body: { project: team.project, spec, workers: 2 } });
    const found = validateRunResponseSchema.parse(answer.body);
    expect(found).toMatchObject({ lanes: 8, totalSteps: 938 });
    expect(found.memoryBytes).toBeGreaterThan(1000);
    expect(await world.db.prisma.run.count()).toBe(before);
  });
});

describe('runs', () => {
  it('are listed newest first, page by page, without gap or double, while others come', async () => {
    const create = async (name: string): Promise<string> =>
      (await team.api.send('createRun', { body: { project: team.project, spec, name } })).body.id;
    const ids: string[] = [];
    for (let index = 0; index < 7; index++) ids.push(await create(`paged-${index}`));
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query: Record<string, string> = {
        project: team.project,
        search: 'paged-',
        limit: '3',
        ...(cursor === null ? {} : { cursor }),
      };
      const page = runPageSchema.parse((await team.api.send('listRuns', { query })).body);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
      await create('paged-late');
    } while (cursor !== null);
    expect(seen).toEqual([...ids].reverse());
  });

  it('are found by state and tag', async () => {
    const { body } = await team.api.send('createRun', { body: { project: team.project, spec, tags: ['needle'] } });
    const found = await team.api.send('listRuns', { query: { tag: 'needle', state: 'queued' } });
    expect(found.body.items.map((run: { id: string }) => run.id)).toEqual([body.id]);
    expect((await team.api.send('listRuns', { query: { tag: 'needle', state: 'failed' } })).body.items).toEqual([]);
  });

  it('can be renamed, tagged, annotated, archived, and deleted once they have ended', async () => {
    const placed = await makePlacedRun(world, team);
    const params = { runId: placed.runId };
    const changes = { name: 'new name', tags: ['x'], notes: 'n', archived: true };
    const changed = await team.api.send('updateRun', { params, body: changes });
    expect(changed.body).toMatchObject({ name: 'new name', tags: ['x'], notes: 'n' });
    expect(changed.body.archivedAt).not.toBeNull();
    expect((await team.api.send('updateRun', { params, body: {} })).status).toBe(422);
    const early = await team.api.send('deleteRun', { params });
    expect([early.status, early.body.code]).toEqual([409, 'bad-input.state']);
    await finish(placed);
    expect((await team.api.send('deleteRun', { params })).status).toBe(204);
    expect((await team.api.send('getRun', { params })).status).toBe(404);
  });

  it('can be cancelled while Temporal is away, and once more without effect', async () => {
    const { body } = await team.api.send('createRun', { body: { project: team.project, spec } });
    const params = { runId: body.id };
    expect((await team.api.send('cancelRun', { params })).status).toBe(202);
    expect((await team.api.send('cancelRun', { params })).status).toBe(202);
    const run = await world.db.prisma.run.findUniqueOrThrow({ where: { id: body.id } });
    expect(run.cancelRequestedAt).not.toBeNull();
    expect(await world.db.prisma.runEvent.count({ where: { runId: body.id, kind: 'cancel-requested' } })).toBe(1);
  });

  it('are waited for until they end, or until the time is over', async () => {
    const placed = await makePlacedRun(world, team);
    const params = { runId: placed.runId };
    const still = await team.api.send('waitForRun', { params, query: { timeoutSeconds: '0' } });
    expect(still.body.state).toBe('training');
    const waiting = team.api.send('waitForRun', { params, query: { timeoutSeconds: '60' } });
    await finish(placed);
    expect((await waiting).body).toMatchObject({
      state: 'completed',
      result: { testAccuracy: 0.97, weightsDigest: digest },
    });
  });
});

describe('what a node reports', () => {
  let placed: PlacedRun;
  let run: Record<string, string>;
  beforeAll(async () => {
    placed = await makePlacedRun(world, team);
    run = { runId: placed.runId };
    for (let index = 0; index < 5; index++) {
      const answer = await placed.sendAsNode('POST', `/runs/${placed.runId}/batches`, batchOf(index, 2 * index + 1));
      expect(answer.body).toMatchObject({ accepted: true });
    }
  });

  it('changes nothing when it comes again', async () => {
    const again = await placed.sendAsNode('POST', `/runs/${placed.runId}/batches`, batchOf(2, 5));
    expect([again.status, again.body.accepted]).toEqual([200, false]);
  });

  it('is read as series', async () => {
    const answer = await team.api.send('getMetrics', {
      params: run,
      query: { series: 'train/loss', since: '3', until: '8' },
    });
    const { series } = metricsResponseSchema.parse(answer.body);
    expect(series).toHaveLength(1);
    expect(series[0]).toMatchObject({ name: 'train/loss', steps: [3, 4, 5, 6, 7, 8], pointCount: 6 });
    expect(series[0]?.values.slice(0, 2)).toEqual([1 / 3, 'NaN']);
  });

  it('is exported whole as JSON and CSV, where text is no formula', async () => {
    const json = await team.api.send('exportMetrics', { params: run, query: { series: 'train/loss' } });
    expect(json.body).toHaveLength(10);
    expect(json.body[0]).toEqual({ series: 'train/loss', labels: '', step: 1, value: 1 });
    const csv = await team.api.send('exportMetrics', { params: run, query: { format: 'csv' } });
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(csv.text.split('\r\n').slice(0, 2)).toEqual(['series,labels,step,value', 'train/accuracy,,1,0.5']);
    expect(csv.text.trim().split('\r\n')).toHaveLength(21);
    const logs = await team.api.send('exportLogs', { params: run, query: { format: 'csv' } });
    expect(logs.text).toContain(`"'=line 0, ""quoted"""`);
  });

  it('is paged as log lines without gap or double', async () => {
    const texts: string[] = [];
    let cursor: string | null = null;
    do {
      const query: Record<string, string> = { limit: '2', ...(cursor === null ? {} : { cursor }) };
      const page = logPageSchema.parse((await team.api.send('getLogs', { params: run, query })).body);
      texts.push(...page.items.map(({ text }) => text));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(texts).toEqual([0, 1, 2, 3, 4].map((index) => `=line ${index}, "quoted"`));
  });

  it('is read by its page as the last lines, and how many there are', async () => {
    const ofRun = { organisation: team.slug, runId: placed.runId };
    const { body } = await team.owner.person.query('run.logsTail', { ...ofRun, last: 2 });
    expect(body.items.map(({ text }: { text: string }) => text)).toEqual(
      [3, 4].map((index) => `=line ${index}, "quoted"`),
    );
    expect(body.total).toBe(5);
    const news = await team.owner.person.query('run.news', { ...ofRun, since: body.cursor });
    expect(news.body.events).toEqual([]);
  });

  it('is read in parts that look at no line beyond them', async () => {
    const long = await makePlacedRun(world, team);
    for (let index = 0; index < 120; index++)
      await long.sendAsNode('POST', `/runs/${long.runId}/batches`, {
        generation: 1,
        source: 'rank-0',
        sequence: index,
        logs: [{ time: '2026-11-25T08:00:00.000Z', level: 'info', text: `line ${index}` }],
      });
    const { organisationId, owner } = team;
    const context = { actor: { kind: 'user' as const, userId: owner.userId }, requestId: null, address: null };
    const query = vi.spyOn(world.db.pool, 'query');
    const { events, cursor } = await runNews(world.db, context, { organisationId, runId: long.runId, since: 0 });
    const results = (await Promise.all(query.mock.results.map(({ value }) => value))) as { rows: object[] }[];
    query.mockRestore();
    const chunks = results.flatMap(({ rows }) => rows).filter((row) => 'lines' in row);
    expect(chunks).toHaveLength(events.filter(({ type }) => type === 'logs').length);
    expect(cursor).toBeLessThan(120);
  });

  it('is streamed from any cursor without gap or double', async () => {
    const url = `${world.web.url}/api/v1/runs/${placed.runId}/events`;
    const headers = { authorization: `Bearer ${team.token}` };
    const present = Number((await team.api.send('getRun', { params: run })).body.cursor);
    const upTo = (cursor: number) => (event: SeenEvent) => event.data.cursor >= cursor && event.id !== null;
    const whole = await readEvents(url, headers, upTo(present));
    const notes = whole.events.filter(({ data }) => data.type === 'event' && data.kind === 'note');
    expect(notes).toHaveLength(5);
    expect(whole.events.filter(({ type }) => type === 'metrics')).toHaveLength(5);
    expect(whole.events.filter(({ type }) => type === 'logs')).toHaveLength(5);
    // Every id is where a reader may have been cut off: what came before it and what comes after are the whole.
    const ids = whole.events.flatMap(({ id }) => (id === null ? [] : [Number(id)]));
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids.slice(0, -1)) {
      const rest = await readEvents(url, { ...headers, 'last-event-id': String(id) }, upTo(present));
      const before = whole.events.slice(0, whole.events.findIndex((event) => event.id === String(id)) + 1);
      expect([...before, ...rest.events]).toEqual(whole.events);
    }
  });

  it('arrives in an open stream, across reconnections, until the run ends', async () => {
    const live = await makePlacedRun(world, team);
    const url = `${world.web.url}/api/v1/runs/${live.runId}/events`;
    const headers = { authorization: `Bearer ${team.token}` };
    const sequences: number[] = [];
    let lastId: string | null = null;
    const collect = (events: readonly SeenEvent[]): void => {
      for (const { data } of events) if (data.type === 'metrics') sequences.push(data.sequence);
    };
    const sending = (async () => {
      for (let index = 0; index < 30; index++) {
        await live.sendAsNode('POST', `/runs/${live.runId}/batches`, batchOf(index, 2 * index + 1));
      }
      await finish(live);
    })();
    for (let ended = false; !ended; ) {
      let left = 5;
      const part: Awaited<ReturnType<typeof readEvents>> = await readEvents(
        url,
        { ...headers, ...(lastId === null ? {} : { 'last-event-id': lastId }) },
        // A cut in the middle of a cursor's events, too: those without an id come again, whole.
        (event) => event.id !== null && --left === 0,
      );
      collect(part.events);
      lastId = part.lastId ?? lastId;
      ended = part.ended;
      if (ended) expect(part.events.at(-1)).toMatchObject({ type: 'end', data: { state: 'completed' } });
    }
    await sending;
    expect(sequences).toEqual(Array.from({ length: 30 }, (_, index) => index));
  });

  it('ends the stream of a reader whose token is revoked', async () => {
    const live = await makePlacedRun(world, team);
    const { body } = await team.owner.person.mutate('token.create', {
      organisation: team.slug,
      name: 'x',
      scopes: ['runs:read'],
    });
    const url = `${world.web.url}/api/v1/runs/${live.runId}/events`;
    const reading = readEvents(url, { authorization: `Bearer ${body.secret}` }, ({ type }) => type === 'problem');
    await team.owner.person.mutate('token.revoke', { organisation: team.slug, tokenId: body.tokenId });
    const { events } = await reading;
    expect(events.at(-1)).toMatchObject({ type: 'problem', data: { status: 404 } });
  });

  it('refuses cursors that are none', async () => {
    const answer = await team.api.send('streamEvents', { params: run, headers: { 'last-event-id': 'abc' } });
    expect([answer.status, answer.body.code]).toEqual([422, 'bad-input.field']);
  });
});

describe('checkpoints', () => {
  it('are listed, and downloaded whole or by file', async () => {
    const placed = await makePlacedRun(world, team);
    const ids = [await makeCheckpoint(placed, 0), await makeCheckpoint(placed, 1)];
    const params = { runId: placed.runId, checkpointId: ids[1] as string };
    const page = checkpointPageSchema.parse((await team.api.send('listCheckpoints', { params })).body);
    expect(page.items.map(({ id, step }) => [id, step])).toEqual([
      [ids[1], 20],
      [ids[0], 10],
    ]);
    expect((await team.api.send('getCheckpoint', { params })).body).toEqual(page.items[0]);
    const file = await team.api.send('downloadCheckpoint', { params, query: { file: 'model.safetensors' } });
    expect([file.text, file.headers.get('content-length')]).toEqual(['model 1', '7']);
    const archive = await team.api.send('downloadCheckpoint', { params });
    expect(archive.headers.get('content-type')).toBe('application/x-tar');
    expect(archive.text).toContain('step-000000020/manifest.json');
    const none = await team.api.send('downloadCheckpoint', { params, query: { file: '../../etc/passwd' } });
    expect(none.status).toBe(404);
    const start = await placed.sendAsNode('GET', `/runs/${placed.runId}/generations/1`);
    expect(start.body).toMatchObject({ nonce: placed.nonce, worldSize: 1, checkpoint: null });
  });

  it('are not recorded before their bytes are stored, or with other bytes', async () => {
    const placed = await makePlacedRun(world, team);
    const sha256 = createHash('sha256').update('right').digest('hex');
    const wrong = await placed.sendAsNode('PUT', `/blobs/${sha256}`, Buffer.from('wrong'));
    expect([wrong.status, wrong.body.code]).toEqual([422, 'data.corrupt']);
    expect((await placed.sendAsNode('GET', `/blobs/${sha256}`)).status).toBe(404);
    await placed.sendAsNode('PUT', `/runs/${placed.runId}/generations/1/agreements/0/0`, { step: 10, digest });
    const files = [
      { name: 'model.safetensors', bytes: 5, sha256 },
      { name: 'manifest.json', bytes: 5, sha256 },
    ];
    const body = { sequence: 0, step: 10, epoch: 0, best: false, weightsDigest: digest, stateDigest: digest, files };
    const early = await placed.sendAsNode('POST', `/runs/${placed.runId}/generations/1/checkpoints`, body);
    expect([early.status, early.body.code]).toEqual([422, 'data.checkpoint-incomplete']);
    const { file } = await putBlob(placed.sendAsNode, 'model.safetensors', 'right');
    expect((await placed.sendAsNode('GET', `/blobs/${file.sha256}`)).text).toBe('right');
  });
});

describe('ranks of a generation', () => {
  it('meet through the rendezvous, which answers as soon as all are there', async () => {
    const placed = await makePlacedRun(world, team);
    const base = `/runs/${placed.runId}/generations/1/rendezvous`;
    expect((await placed.sendAsNode('GET', base)).body).toEqual({ complete: false, values: [] });
    const waiting = placed.sendAsNode('GET', `${base}?waitSeconds=20`);
    const value = { rank: 0, nonce: placed.nonce, address: 'YQ==', numericClass: { id: 'ef'.repeat(32), parts: {} } };
    expect((await placed.sendAsNode('PUT', `${base}/0`, { value })).status).toBe(204);
    expect((await waiting).body).toEqual({ complete: true, values: [value] });
    expect((await placed.sendAsNode('PUT', `${base}/1`, { value })).status).toBe(422);
  });

  it('of an older generation are refused, and told to end by the heartbeat', async () => {
    const placed = await makePlacedRun(world, team);
    await finish(placed);
    const late = await placed.sendAsNode('PUT', `/runs/${placed.runId}/generations/1/agreements/0/0`, {
      step: 1,
      digest,
    });
    expect([late.status, late.body.code]).toEqual([409, 'infrastructure.stale-generation']);
    const heartbeat = await placed.sendAsNode('POST', '/heartbeat', {
      instance: 'first',
      ranks: [{ runId: placed.runId, generation: 1, rank: 0, step: 3 }],
    });
    expect(heartbeat.body).toEqual({ draining: false, stop: [{ runId: placed.runId, generation: 1 }] });
  });
});

describe('the same run again', () => {
  it('is made from the request as it was written, with changes, and remembers from which', async () => {
    const { person } = team.owner;
    const { slug: organisation, project } = team;
    const body = {
      project,
      spec,
      name: 'original',
      tags: ['a'],
      notes: 'why',
      experiment: 'lr',
      workers: 2,
      threads: 2,
    };
    const { id: runId } = (await team.api.send('createRun', { body })).body;
    const early = await person.mutate('run.retry', { organisation, runId });
    expect([early.status, early.body.code]).toEqual([409, 'bad-input.state']);
    const changed = await person.mutate('run.clone', { organisation, runId, name: 'changed', workers: 1, tags: ['b'] });
    expect(changed.status).toBe(200);
    const clone = (await team.api.send('getRun', { params: { runId: changed.body.runId } })).body;
    expect(clone).toMatchObject({
      name: 'changed',
      experiment: 'lr',
      notes: 'why',
      tags: ['b'],
      workers: 1,
      minimumWorkers: 1,
      threads: 2,
      state: 'queued',
      createdBy: { kind: 'user' },
    });
    const original = (await team.api.send('getRun', { params: { runId } })).body;
    expect(clone.resolvedSpec).toEqual(original.resolvedSpec);
    await finishRun(world.db, system, {
      runId,
      generation: 0,
      outcome: { state: 'cancelled', reason: 'user', failure: null, result: null },
    });
    const again = await person.mutate('run.retry', { organisation, runId });
    expect((await team.api.send('getRun', { params: { runId: again.body.runId } })).body).toMatchObject({
      name: 'original',
      tags: ['a'],
      workers: 2,
      resolvedSpec: original.resolvedSpec,
    });
    const lineage = await world.db.prisma.lineage.findMany({ where: { fromId: runId }, orderBy: { toId: 'asc' } });
    expect(lineage.map(({ toId, relation }) => [toId, relation])).toEqual([
      [changed.body.runId, 'cloned'],
      [again.body.runId, 'cloned'],
    ]);
    // A run that others were made from may go: nothing of it is needed any more.
    expect((await person.mutate('run.delete', { organisation, runId })).status).toBe(200);
    const bad = await person.mutate('run.clone', { organisation, runId: clone.id, spec: 'dataset: mnist\nmodel: 3\n' });
    expect(bad.status).toBe(422);
  });
});

describe('the storage', () => {
  it('takes no more than the limit of the organisation, says so early, and keeps nothing of it', async () => {
    const small = await makeTeam(world);
    const placed = await makePlacedRun(world, small);
    const limit = (value: number | null) =>
      small.owner.person.mutate('organisation.setLimit', { organisation: small.slug, kind: 'bytes', value });
    await limit(10);
    const { status } = await putBlob(placed.sendAsNode, 'a', 'eight by');
    expect(status).toBe(201);
    const content = Buffer.from('three');
    const sha256 = createHash('sha256').update(content).digest('hex');
    const refused = await placed.sendAsNode('PUT', `/blobs/${sha256}`, content);
    expect([refused.status, refused.body.code]).toEqual([507, 'infrastructure.disk-full']);
    expect(refused.body.detail).toContain('Delete runs, or ask an owner to raise the limit');
    expect((await placed.sendAsNode('GET', `/blobs/${sha256}`)).status).toBe(404);
    const none = await small.api.send('createRun', { body: { project: small.project, spec } });
    expect(none.status).toBe(201);
    await limit(8);
    const full = await small.api.send('createRun', { body: { project: small.project, spec } });
    expect([full.status, full.body.code]).toEqual([422, 'bad-input.limit']);
    await limit(null);
    expect((await placed.sendAsNode('PUT', `/blobs/${sha256}`, content)).status).toBe(201);
  });
});
