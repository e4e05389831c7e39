import { LockstepError } from '@lockstep/contracts';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { container } from './container.js';
import { problemAnswer } from './http/answer.js';
import { requireOwnOrigin } from './http/origin.js';
import { requireRate } from './http/rate-limit.js';
import { jsonBodyBytes, readBytes } from './http/read-body.js';
import { requestFacts } from './http/request-facts.js';
import { apiHeaders } from './http/security-headers.js';
import { sessionUser } from './http/session.js';
import { describeError, log } from './log.js';
import { appRouter } from './routers/app-router.js';
import type { TrpcContext } from './trpc.js';

/** Every tRPC request: origin, size, type and rate first, then the router. */
export async function handleTrpc(request: Request): Promise<Response> {
  const { requestId, address } = requestFacts(request.headers);
  const headers: Record<string, string> = {};
  try {
    const present = container();
    requireOwnOrigin(request, present.settings.publicUrl);
    const body = request.method === 'POST' ? await jsonBytes(request) : null;
    const user = await sessionUser(present, request.headers);
    const who = user === null ? `address:${address ?? 'unknown'}` : `user:${user.id}`;
    const { requestsPerMinute, attemptsPerMinute } = present.settings;
    await requireRate(present.db, who, user === null ? attemptsPerMinute : requestsPerMinute, headers);
    const answer = await fetchRequestHandler<typeof appRouter>({
      endpoint: '/api/trpc',
      router: appRouter,
      req: body === null ? request : new Request(request.url, { method: 'POST', headers: request.headers, body }),
      allowBatching: false,
      createContext: (): TrpcContext => ({
        container: present,
        user,
        requestId,
        address,
        headers: request.headers,
      }),
      onError: ({ error, path }) => {
        if (error.code === 'INTERNAL_SERVER_ERROR') {
          log('error', 'procedure failed', { requestId, path, error: describeError(error.cause ?? error) });
        }
      },
    });
    for (const [name, value] of Object.entries({ ...apiHeaders, ...headers, 'X-Request-Id': requestId })) {
      answer.headers.set(name, value);
    }
    return answer;
  } catch (error) {
    return problemAnswer(error, requestId, headers);
  }
}

async function jsonBytes(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  const type = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new LockstepError('bad-input.content-type', 'Expected a body of type application/json.');
  }
  return new Uint8Array(await readBytes(request, jsonBodyBytes));
}
