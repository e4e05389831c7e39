import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isLockstepError, LockstepError, nodeRoutes } from '@lockstep/contracts';
import {
  agreement,
  appendBatch,
  authenticateNode,
  type Context,
  type Db,
  findBlob,
  generationStart,
  heartbeatNode,
  listenRuns,
  publishRendezvous,
  publishStateDigest,
  putBlobRow,
  recordCheckpoint,
  recordFailed,
  recordFinished,
  registerDatasetVersion,
  registerNode,
  rendezvousValues,
} from '@lockstep/db';

type Params = Record<string, string>;

interface Call {
  context: Context;
  organisationId: string;
  params: Params;
  query: URLSearchParams;
  // Parsed by the verb.
  // biome-ignore lint/suspicious/noExplicitAny: a body that the verb checks
  body: any;
  request: IncomingMessage;
}

export interface NodeApiServer {
  url: string;
  /** Answers nothing any more, as a server that is cut off; connections are closed. */
  cut(): Promise<void>;
  /** Answers again, at the same address. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The node API over the real verbs, without the web application: its routes are those of contracts, and what stands
 * between is small enough for tests of the worker to have their own.
 */
export async function startNodeApi(db: Db, temporal: { address: string; namespace: string }): Promise<NodeApiServer> {
  const blobs = await mkdtemp(join(tmpdir(), 'lockstep-blobs-'));
  const waiting = new Map<string, Set<() => void>>();
  const listener = await listenRuns(db, (notification) => {
    if (notification.kind === 'changed') for (const wake of waiting.get(notification.runId) ?? []) wake();
  });

  async function poll<T>({ params, query }: Call, read: () => Promise<T>, done: (value: T) => boolean): Promise<T> {
    const runId = params.runId ?? '';
    const deadline = performance.now() + 1000 * Number(query.get('waitSeconds') ?? 0);
    const wakers = waiting.get(runId) ?? new Set<() => void>();
    waiting.set(runId, wakers);
    for (;;) {
      let wake: () => void = () => undefined;
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      wakers.add(wake);
      const value = await read();
      const left = deadline - performance.now();
      if (done(value) || left <= 0) {
        wakers.delete(wake);
        return value;
      }
      const timer = setTimeout(wake, Math.min(left, 1000));
      await changed;
      clearTimeout(timer);
      wakers.delete(wake);
    }
  }

  const ref = ({ params }: Call) => ({ runId: params.runId ?? '', generation: Number(params.generation) });
  const handlers: Record<keyof typeof nodeRoutes, (call: Call, response: ServerResponse) => Promise<unknown>> = {
    register: async ({ context, body }) => ({
      ...(await registerNode(db, context, body)),
      heartbeatSeconds: 1,
      temporal,
    }),
    heartbeat: ({ context, body }) => heartbeatNode(db, context, body),
    putDataset: async ({ context, organisationId, body: { name, defaultInput, ...facts } }) => {
      await registerDatasetVersion(db, context, {
        organisationId,
        name,
        facts: { dataset: { kind: 'sample', name }, ...facts, ...(defaultInput ? { defaultInput } : {}) },
      });
    },
    getGeneration: (call) => generationStart(db, call.context, ref(call)),
    putRendezvous: async (call) => {
      await publishRendezvous(db, call.context, { ...ref(call), value: call.body.value });
    },
    getRendezvous: (call) =>
      poll(
        call,
        () => rendezvousValues(db, call.context, ref(call)),
        ({ complete }) => complete,
      ),
    putAgreement: (call) =>
      publishStateDigest(db, call.context, {
        ...ref(call),
        rank: Number(call.params.rank),
        sequence: Number(call.params.sequence),
        ...call.body,
      }),
    getAgreement: (call) =>
      poll(
        call,
        () => agreement(db, call.context, { ...ref(call), sequence: Number(call.params.sequence) }),
        ({ verdict }) => verdict !== 'waiting',
      ),
    postBatch: ({ context, params, body }) => appendBatch(db, context, { runId: params.runId, ...body }),
    postCheckpoint: (call) => recordCheckpoint(db, call.context, { ...ref(call), ...call.body }),
    postResult: async (call) => {
      const input = { ...ref(call), ...call.body };
      if (call.body.kind === 'finished') await recordFinished(db, call.context, input);
      else await recordFailed(db, call.context, input);
    },
    putBlob: async ({ context, organisationId, params, request }) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const bytes = Buffer.concat(chunks);
      const sha256 = params.sha256 ?? '';
      if (createHash('sha256').update(bytes).digest('hex') !== sha256)
        throw new LockstepError('data.corrupt', 'Other bytes than announced.');
      await writeFile(join(blobs, sha256), bytes);
      await putBlobRow(db, context, { organisationId, sha256, bytes: bytes.length, storageKey: sha256 });
      return { sha256, bytes: bytes.length, existed: false };
    },
    getBlob: async ({ context, organisationId, params }, response) => {
      const { storageKey } = await findBlob(db, context, { organisationId, sha256: params.sha256 ?? '' });
      response.setHeader('content-type', 'application/octet-stream');
      response.setHeader('content-length', (await stat(join(blobs, storageKey))).size);
      response.end(await readFile(join(blobs, storageKey)));
    },
  };
  const routes = Object.entries(nodeRoutes).map(([name, route]) => ({
    name: name as keyof typeof nodeRoutes,
    route,
    pattern: new RegExp(`^/node/v1${route.path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
  }));

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const found = routes.find(({ route, pattern }) => route.method === request.method && pattern.test(url.pathname));
    if (!found) throw new LockstepError('auth.not-found', `There is no ${request.method} ${url.pathname}.`);
    const secret = (request.headers.authorization ?? '').replace(/^Bearer /, '');
    const { actor, organisationId } = await authenticateNode(db, secret);
    const call: Call = {
      context: { actor, requestId: 'test', address: '127.0.0.1' },
      organisationId,
      params: found.pattern.exec(url.pathname)?.groups ?? {},
      query: url.searchParams,
      body: 'body' in found.route ? found.route.body.parse(await readJson(request)) : null,
      request,
    };
    const result = await handlers[found.name](call, response);
    if (response.writableEnded) return;
    response.statusCode = found.route.status;
    response.setHeader('content-type', 'application/json');
    response.end(result === undefined ? undefined : JSON.stringify(result));
  }

  const listen = (port: number): Promise<Server> =>
    new Promise((resolve, reject) => {
      const server = createServer((request, response) => {
        handle(request, response).catch((error: unknown) => {
          if (response.headersSent) return;
          const code = isLockstepError(error) ? error.code : 'internal.request';
          const detail = error instanceof Error ? error.message : String(error);
          const status = code === 'infrastructure.stale-generation' ? 409 : isLockstepError(error) ? 400 : 500;
          const type = `urn:lockstep:error:${code}`;
          response.statusCode = status;
          response.end(JSON.stringify({ type, title: code, status, detail, code, requestId: 'test' }));
        });
      });
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => resolve(server));
    });
  const shut = (server: Server): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });

  let server = await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    cut: () => shut(server),
    restore: async () => {
      server = await listen(port);
    },
    close: async () => {
      await shut(server);
      await listener.close();
      await rm(blobs, { recursive: true, force: true });
    },
  };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}
