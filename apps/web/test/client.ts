import { type HttpRoute, restRoutes } from '@lockstep/contracts';
import superjson from 'superjson';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every form
  readonly body: any;
  readonly text: string;
}

export interface Sending {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: BodyInit;
}

export async function send(url: string, { method = 'GET', headers = {}, body }: Sending = {}): Promise<Answer> {
  const init = {
    method,
    headers,
    redirect: 'manual',
    ...(body === undefined ? {} : { body, duplex: 'half' }),
  } as RequestInit;
  const response = await fetch(url, init);
  const text = await response.text();
  let parsed: unknown = text;
  try {
    parsed = text === '' ? undefined : JSON.parse(text);
  } catch {
    // Not JSON.
  }
  return { status: response.status, headers: response.headers, body: parsed, text };
}

/** A person with a session cookie. */
export class Person {
  constructor(
    private readonly baseUrl: string,
    readonly cookie: string,
  ) {}

  static async signUp(
    baseUrl: string,
    fields: { name: string; email: string; password: string; invitation?: string },
  ): Promise<{ answer: Answer; person: Person }> {
    const answer = await send(`${baseUrl}/api/sign-up`, jsonPost(fields, { origin: baseUrl }));
    return { answer, person: new Person(baseUrl, cookieOf(answer.headers)) };
  }

  static async signIn(
    baseUrl: string,
    fields: { email: string; password: string },
  ): Promise<{ answer: Answer; person: Person }> {
    const answer = await send(`${baseUrl}/api/auth/sign-in/email`, jsonPost(fields, { origin: baseUrl }));
    return { answer, person: new Person(baseUrl, cookieOf(answer.headers)) };
  }

  query(path: string, input?: unknown): Promise<Answer> {
    const suffix = input === undefined ? '' : `?input=${encodeURIComponent(superjson.stringify(input))}`;
    return send(`${this.baseUrl}/api/trpc/${path}${suffix}`, { headers: this.headers() }).then(unwrapped);
  }

  mutate(path: string, input?: unknown): Promise<Answer> {
    const body = superjson.stringify(input);
    return send(`${this.baseUrl}/api/trpc/${path}`, {
      method: 'POST',
      headers: { ...this.headers(), origin: this.baseUrl, 'content-type': 'application/json' },
      body,
    }).then(unwrapped);
  }

  private headers(): Record<string, string> {
    return this.cookie === '' ? {} : { cookie: this.cookie };
  }
}

/** The result of a procedure, or its problem, as the body. */
function unwrapped(answer: Answer): Answer {
  const { result, error } = (answer.body ?? {}) as { result?: { data: never }; error?: never };
  if (result !== undefined) return { ...answer, body: superjson.deserialize(result.data) };
  if (error === undefined) return answer;
  const { data } = superjson.deserialize<{ data: { problem: unknown } }>(error);
  return { ...answer, body: data.problem };
}

export function jsonPost(body: unknown, headers: Readonly<Record<string, string>> = {}): Sending {
  return { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

function cookieOf(headers: Headers): string {
  return headers
    .getSetCookie()
    .map((cookie) => cookie.split(';', 1)[0])
    .join('; ');
}

/** The REST API with a token. */
export class Api {
  constructor(
    readonly baseUrl: string,
    readonly token: string | null,
  ) {}

  send(
    name: keyof typeof restRoutes,
    {
      params = {},
      query = {},
      body,
      headers = {},
    }: {
      params?: Readonly<Record<string, string>>;
      query?: Readonly<Record<string, string>>;
      body?: unknown;
      headers?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<Answer> {
    const route: HttpRoute = restRoutes[name];
    const path = route.path.replace(/\{(\w+)\}/g, (_, key: string) => params[key] ?? '');
    const search = new URLSearchParams(query).toString();
    return send(`${this.baseUrl}/api/v1${path}${search === '' ? '' : `?${search}`}`, {
      method: route.method,
      headers: {
        ...(this.token === null ? {} : { authorization: `Bearer ${this.token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  }
}
