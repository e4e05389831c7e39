import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { type NodeRoute, type NodeRouteName, nodeRoutes, problemSchema } from '@lockstep/contracts';
import type { z } from 'zod';
import { Backoff } from './backoff.js';
import { NodeApiError } from './node-api-error.js';

type Routes = typeof nodeRoutes;
type ResponseOf<N extends NodeRouteName> = Routes[N] extends { response: infer R extends z.ZodType }
  ? z.output<R>
  : undefined;
type BodyOf<N extends NodeRouteName> = Routes[N] extends { body: infer B extends z.ZodType } ? z.input<B> : undefined;

export interface CallOptions<N extends NodeRouteName> {
  params?: Readonly<Record<string, string | number>>;
  query?: Readonly<Record<string, string | number>>;
  body?: BodyOf<N>;
  signal?: AbortSignal;
  timeoutMs?: number;
}

export interface NodeClientOptions {
  /** Origin of the web application: `http://127.0.0.1:3000`. */
  baseUrl: string;
  credential: string;
  /** Aborts everything when the agent ends. */
  signal: AbortSignal;
}

const defaultTimeoutMs = 15_000;
const blobTimeoutMs = 600_000;

/** The node API as functions. Every answer is checked against the schema that the server's route has. */
export class NodeClient {
  constructor(private readonly options: NodeClientOptions) {}

  /** One try. Throws `NodeApiError`. */
  async call<N extends NodeRouteName>(name: N, call: CallOptions<N> = {}): Promise<ResponseOf<N>> {
    const route: NodeRoute = nodeRoutes[name];
    const response = await this.send(route, call, {
      ...(call.body === undefined
        ? {}
        : { body: JSON.stringify(call.body), headers: { 'content-type': 'application/json' } }),
    });
    const { response: schema } = route;
    if (schema === null || !('safeParse' in schema)) {
      await response.body?.cancel();
      return undefined as ResponseOf<N>;
    }
    const parsed = schema.safeParse(await response.json().catch((cause: unknown) => unreadable(route, cause)));
    if (!parsed.success) throw unreadable(route, parsed.error);
    return parsed.data as ResponseOf<N>;
  }

  /** Tries again, with pauses, while the failure is one that passes. */
  async persist<N extends NodeRouteName>(
    name: N,
    call: CallOptions<N> & { signal: AbortSignal },
  ): Promise<ResponseOf<N>> {
    const backoff = new Backoff();
    for (;;) {
      try {
        return await this.call(name, call);
      } catch (error) {
        if (!(error instanceof NodeApiError) || !error.isTransient || call.signal.aborted) throw error;
      }
      await backoff.pause(call.signal);
    }
  }

  async putBlob(sha256: string, file: string, signal: AbortSignal): Promise<void> {
    const stream = createReadStream(file);
    try {
      const response = await this.send(
        nodeRoutes.putBlob,
        { params: { sha256 }, signal, timeoutMs: blobTimeoutMs },
        {
          body: Readable.toWeb(stream) as ReadableStream<Uint8Array>,
          duplex: 'half',
          headers: { 'content-type': 'application/octet-stream' },
        },
      );
      await response.body?.cancel();
    } finally {
      stream.destroy();
    }
  }

  /** Writes a new file. */
  async getBlob(sha256: string, file: string, signal: AbortSignal): Promise<void> {
    const response = await this.send(nodeRoutes.getBlob, { params: { sha256 }, signal, timeoutMs: blobTimeoutMs }, {});
    if (!response.body) throw unreadable(nodeRoutes.getBlob, null);
    try {
      await pipeline(
        Readable.fromWeb(response.body as ReadableStream<Uint8Array>),
        createWriteStream(file, { flags: 'wx' }),
        { signal },
      );
    } catch (cause) {
      throw new NodeApiError(0, 'infrastructure.unreachable', `Blob ${sha256} broke off.`, cause);
    }
  }

  private async send(
    route: NodeRoute,
    { params = {}, query = {}, signal, timeoutMs = defaultTimeoutMs }: CallOptions<NodeRouteName>,
    init: RequestInit & { duplex?: 'half' },
  ): Promise<Response> {
    const { baseUrl, credential, signal: ended } = this.options;
    const path = route.path.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(String(params[key])));
    const url = new URL(`/node/v1${path}`, baseUrl);
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, String(value));
    let response: Response;
    try {
      response = await fetch(url, {
        ...init,
        method: route.method,
        redirect: 'error',
        headers: { ...init.headers, authorization: `Bearer ${credential}` },
        signal: AbortSignal.any([ended, AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]),
      });
    } catch (cause) {
      throw new NodeApiError(0, 'infrastructure.unreachable', `${url.origin} does not answer: ${reason(cause)}`, cause);
    }
    if (!response.ok) throw await failure(response);
    return response;
  }
}

async function failure(response: Response): Promise<NodeApiError> {
  const text = await response.text().catch(() => '');
  try {
    const { code, detail } = problemSchema.parse(JSON.parse(text));
    return new NodeApiError(response.status, code, detail);
  } catch {
    return new NodeApiError(response.status, 'infrastructure.answer', `Answered with ${response.status}.`);
  }
}

function unreadable(route: NodeRoute, cause: unknown): NodeApiError {
  // Another version of the server, or something between: neither is mended by sending the same again at once.
  return new NodeApiError(
    502,
    'infrastructure.answer',
    `${route.path} gave an answer that is not in its schema.`,
    cause,
  );
}

function reason(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.cause instanceof Error ? cause.cause.message : cause.message;
}
