import { setTimeout as delay } from 'node:timers/promises';
import {
  type ErrorCode,
  errorCodes,
  type HttpRoute,
  LockstepError,
  problemSchema,
  type RestRouteName,
  restRoutes,
} from '@lockstep/contracts';
import type { Credentials } from './credentials.js';

type ParsedBy<S> = S extends { parse(value: unknown): infer T } ? T : undefined;
/** What a route answers. */
export type AnswerOf<N extends RestRouteName> = ParsedBy<(typeof restRoutes)[N]['response']>;

export interface CallInput {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

interface ClientOptions {
  /** Waits before the next tries of what may be asked again. */
  readonly retryAfterMs?: readonly number[];
}

/** The service over REST. The one file of the command line that opens connections. */
export class ServiceClient {
  private readonly retryAfterMs: readonly number[];

  constructor(
    private readonly credentials: Credentials,
    { retryAfterMs = [300, 1500] }: ClientOptions = {},
  ) {
    this.retryAfterMs = retryAfterMs;
  }

  get url(): string {
    return this.credentials.url;
  }

  /** Calls a route. What changes nothing, or has an Idempotency-Key, is tried again where the service is not reached. */
  async call<N extends RestRouteName>(name: N, input: CallInput = {}): Promise<AnswerOf<N>> {
    const { method, response: schema }: HttpRoute = restRoutes[name];
    const waits = method === 'GET' || input.headers?.['idempotency-key'] !== undefined ? this.retryAfterMs : [];
    for (let attempt = 0; ; attempt++) {
      try {
        const response = await this.open(name, input);
        const text = await readText(response);
        if (schema === null || !('safeParse' in schema)) return undefined as AnswerOf<N>;
        return this.parsed(schema, text) as AnswerOf<N>;
      } catch (error) {
        const wait = waits[attempt];
        if (wait === undefined || !isUnreached(error)) throw error;
        await delay(wait);
      }
    }
  }

  /** The answer's bytes as they come. */
  async *bytes(name: RestRouteName, input: CallInput, signal?: AbortSignal): AsyncGenerator<Uint8Array, void, void> {
    const response = await this.open(name, input, signal);
    try {
      if (response.body !== null) yield* response.body as unknown as AsyncIterable<Uint8Array>;
    } catch (cause) {
      if (signal?.aborted) return;
      throw unreached(this.url, cause);
    }
  }

  private parsed(schema: Extract<HttpRoute['response'], { safeParse: unknown }>, text: string): unknown {
    try {
      const result = schema.safeParse(JSON.parse(text));
      if (result.success) return result.data;
      throw new Error(result.error.message);
    } catch (cause) {
      throw new LockstepError(
        'infrastructure.service',
        `${this.url} answered something else than expected. Is it a Lockstep service of this version?`,
        { cause },
      );
    }
  }

  private async open(name: RestRouteName, input: CallInput, signal?: AbortSignal): Promise<Response> {
    const { method, path }: HttpRoute = restRoutes[name];
    const { params = {}, query = {}, body, headers = {} } = input;
    const search = new URLSearchParams();
    for (const [key, value] of Object.entries(query)) if (value !== undefined) search.set(key, value);
    const filled = path.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(params[key] ?? ''));
    const response = await fetch(`${this.url}/api/v1${filled}${search.size === 0 ? '' : `?${search}`}`, {
      method,
      // A token goes to the service that it is for, and nowhere else.
      redirect: 'manual',
      headers: {
        authorization: `Bearer ${this.credentials.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    }).catch((cause: unknown) => {
      throw unreached(this.url, cause);
    });
    if (response.ok) return response;
    throw refusal(this.url, response.status, await readText(response));
  }
}

/** True where trying again may help. */
export function isUnreached(error: unknown): boolean {
  return error instanceof LockstepError && error.code.startsWith('infrastructure.');
}

async function readText(response: Response): Promise<string> {
  try {
    return await response.text();
  } catch (cause) {
    throw unreached(new URL(response.url).origin, cause);
  }
}

function unreached(url: string, cause: unknown): LockstepError {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const code = (inner as NodeJS.ErrnoException).code;
  return new LockstepError(
    'infrastructure.service',
    `${url} cannot be reached${code === undefined ? '' : ` (${code})`}. Is it running, and is the address right?`,
    { cause },
  );
}

const codeOfStatus: Readonly<Record<number, ErrorCode>> = {
  401: 'auth.unauthenticated',
  403: 'auth.forbidden',
  404: 'auth.not-found',
  429: 'auth.rate-limited',
};

/** An answer that is not a success, as the error that it names. */
export function refusal(url: string, status: number, text: string): LockstepError {
  let body: unknown = null;
  try {
    body = JSON.parse(text);
  } catch {
    // No problem of ours: something between us and the service answered.
  }
  const { success, data } = problemSchema.safeParse(body);
  if (!success) {
    const code = codeOfStatus[status] ?? 'infrastructure.service';
    return new LockstepError(code, `${url} answered ${status} without saying why. Is it a Lockstep service?`);
  }
  const otherwise = status >= 500 ? 'infrastructure.service' : 'bad-input.field';
  // A later version of the service may have codes that this one does not know.
  const code = Object.hasOwn(errorCodes, data.code) ? (data.code as ErrorCode) : (codeOfStatus[status] ?? otherwise);
  return new LockstepError(code, data.detail, {
    detail: `${data.code}, request ${data.requestId}`,
    ...(data.problems === undefined ? {} : { problems: data.problems }),
  });
}
