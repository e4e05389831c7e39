import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exitCodeOf, exitCodes, type LockstepError, type RunStreamEvent } from '@lockstep/contracts';
import { afterEach, describe, expect, it } from 'vitest';
import { ServiceClient } from './client.js';
import { followRun } from './follow-run.js';

type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => void;

let server: Server | null = null;
afterEach(
  () =>
    new Promise<void>((resolve) => {
      if (server === null) return resolve();
      server.closeAllConnections();
      server.close(() => resolve());
      server = null;
    }),
);

async function serve(handler: Handler): Promise<ServiceClient> {
  let count = 0;
  const made = createServer((request, response) => handler(request, response, count++));
  server = made;
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  const { port } = made.address() as AddressInfo;
  return new ServiceClient({ url: `http://127.0.0.1:${port}`, token: 'lst_test' }, { retryAfterMs: [0, 0] });
}

const problem = (status: number, code: string) => (_: IncomingMessage, response: ServerResponse) => {
  response.writeHead(status, { 'content-type': 'application/problem+json' });
  response.end(
    JSON.stringify({ type: `urn:${code}`, title: 't', status, detail: `about ${code}`, code, requestId: 'r' }),
  );
};

const failure = (promise: Promise<unknown>): Promise<LockstepError> =>
  promise.then(
    () => expect.unreachable('it should have failed'),
    (error) => error as LockstepError,
  );

const projects = JSON.stringify({ items: [], nextCursor: null });

describe('calls', () => {
  it('send the token and give the answer', async () => {
    let seen: string | undefined;
    const client = await serve((request, response) => {
      seen = `${request.method} ${request.url} ${request.headers.authorization}`;
      response.end(projects);
    });
    expect(await client.call('listProjects', { query: { limit: '5', cursor: undefined } })).toEqual({
      items: [],
      nextCursor: null,
    });
    expect(seen).toBe('GET /api/v1/projects?limit=5 Bearer lst_test');
  });

  it('fail with the code of the problem, which gives the exit code', async () => {
    const cases = [
      [401, 'auth.unauthenticated', exitCodes.unauthorised],
      [403, 'auth.forbidden', exitCodes.unauthorised],
      [422, 'bad-input.field', exitCodes.badInput],
      [503, 'infrastructure.database', exitCodes.infrastructure],
    ] as const;
    for (const [status, code, exit] of cases) {
      const client = await serve(problem(status, code));
      const error = await failure(client.call('getMe'));
      expect([error.code, error.message, exitCodeOf(error.code)]).toEqual([code, `about ${code}`, exit]);
      await new Promise<void>((resolve) => server?.close(() => resolve()) ?? resolve());
    }
  });

  it('know what to do with codes of a later version', async () => {
    const client = await serve(problem(403, 'auth.something-new'));
    expect((await failure(client.call('getMe'))).code).toBe('auth.forbidden');
  });

  it('follow no redirect and take no page for an answer', async () => {
    const client = await serve((request, response) => {
      if (request.url?.endsWith('/me')) response.writeHead(302, { location: 'http://127.0.0.1:1/' });
      response.end('<html>');
    });
    expect((await failure(client.call('getMe'))).code).toBe('infrastructure.service');
    expect((await failure(client.call('listProjects'))).code).toBe('infrastructure.service');
  });

  it('are tried again where that is safe', async () => {
    const methods: (string | undefined)[] = [];
    const client = await serve((request, response, count) => {
      methods.push(request.method);
      if (count < 2) request.socket.destroy();
      else response.end(projects);
    });
    await client.call('listProjects');
    expect(methods).toEqual(['GET', 'GET', 'GET']);
    const lost = await serve((request) => {
      methods.push(request.method);
      request.socket.destroy();
    });
    const error = await failure(lost.call('cancelRun', { params: { runId: 'run_x' } }));
    expect(exitCodeOf(error.code)).toBe(exitCodes.infrastructure);
    expect(methods.filter((method) => method === 'POST')).toHaveLength(1);
  });

  it('cannot leave their address through an id', async () => {
    let url: string | undefined;
    const client = await serve((request, response) => {
      url = request.url;
      problem(404, 'auth.not-found')(request, response);
    });
    await failure(client.call('getRun', { params: { runId: '../projects?x=1' } }));
    expect(url).toBe('/api/v1/runs/..%2Fprojects%3Fx%3D1');
  });
});

describe('following a run', () => {
  const runId = 'run_01a21201-e7ed-7000-9697-3c7afc3b6eb4';
  const event = (cursor: number, kind: string, hasId = true): string => {
    const data = { type: 'event', cursor, runId, time: '2026-01-01T00:00:00.000Z', kind, data: {} };
    return `event: event\n${hasId ? `id: ${cursor}\n` : ''}data: ${JSON.stringify(data)}\n\n`;
  };
  const end = `event: end\ndata: ${JSON.stringify({ type: 'end', cursor: 3, runId, time: '2026-01-01T00:00:00.000Z', state: 'completed' })}\n\n`;
  const kinds = (events: readonly RunStreamEvent[]) => events.map((each) => ('kind' in each ? each.kind : each.type));

  it('goes on after the last whole cursor when the stream breaks', async () => {
    const cursors: unknown[] = [];
    let breaks = 0;
    const client = await serve((request, response, count) => {
      cursors.push(request.headers['last-event-id']);
      // The first stream breaks between the two events of cursor 2.
      if (count === 0) response.write(`retry: 1000\n\n: hello\n\n${event(1, 'a')}${event(2, 'b', false)}`);
      if (count === 0) setImmediate(() => request.socket.end());
      if (count === 1) problem(503, 'infrastructure.database')(request, response);
      if (count === 2) response.end(`${event(2, 'b', false)}${event(2, 'c')}${event(3, 'd')}${end}`);
    });
    const seen: RunStreamEvent[] = [];
    const onBreak = (): void => void breaks++;
    for await (const each of followRun(client, runId, { retryMs: 0, onBreak })) seen.push(each);
    expect(kinds(seen)).toEqual(['a', 'b', 'c', 'd', 'end']);
    expect(cursors).toEqual(['0', '1', '1']);
    expect(breaks).toBe(2);
  });

  it('ends at once where the token is not valid, and after its patience where nothing answers', async () => {
    const refused = await serve(problem(401, 'auth.unauthenticated'));
    expect((await failure(followRun(refused, runId).next())).code).toBe('auth.unauthenticated');
    const lost = await serve((request) => void request.socket.destroy());
    const options = { retryMs: 0, patienceMs: 0 };
    expect((await failure(followRun(lost, runId, options).next())).code).toBe('infrastructure.service');
  });

  it('ends when it is asked to', async () => {
    const client = await serve((_, response) => void response.write(event(1, 'a')));
    const ending = new AbortController();
    const seen: RunStreamEvent[] = [];
    for await (const each of followRun(client, runId, { signal: ending.signal })) {
      seen.push(each);
      ending.abort();
    }
    expect(kinds(seen)).toEqual(['a']);
  });
});
