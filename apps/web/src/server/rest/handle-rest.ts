import { type HttpRoute, LockstepError, type RestRouteName, restRoutes } from '@lockstep/contracts';
import { authenticateToken } from '@lockstep/db';
import { type Container, container } from '../container.js';
import { jsonAnswer, problemAnswer } from '../http/answer.js';
import { bearerSecret } from '../http/bearer.js';
import { createMatcher } from '../http/match-route.js';
import { parseBody, parseParams, parseQuery } from '../http/parse-input.js';
import { limitHeaders, requireRate } from '../http/rate-limit.js';
import { jsonBodyBytes } from '../http/read-body.js';
import { type RequestFacts, requestFacts } from '../http/request-facts.js';
import type { RestCall } from './call.js';
import { restHandlers } from './handlers.js';

const basePath = '/api/v1';
const match = createMatcher<RestRouteName>(restRoutes);

/** Every request below /api/v1: route, token, rate, input, verb, answer. Cookies are not looked at. */
export async function handleRest(request: Request): Promise<Response> {
  const facts = requestFacts(request.headers);
  const headers: Record<string, string> = {};
  try {
    const url = new URL(request.url);
    const found = match(request.method, url.pathname.slice(basePath.length + 1).split('/'));
    if (found.kind === 'none') throw new LockstepError('auth.not-found', `There is no ${url.pathname.slice(0, 200)}.`);
    if (found.kind === 'other-method') {
      headers.Allow = found.allow.join(', ');
      throw new LockstepError('bad-input.method', `Expected ${found.allow.join(' or ')} here, got ${request.method}.`);
    }
    const call = await authenticate(container(), request, facts, headers);
    const route: HttpRoute = restRoutes[found.name];
    const input = {
      params: parseParams(route, found.params),
      query: parseQuery(route, url),
      body: await parseBody(route, request, jsonBodyBytes),
    };
    const handler = restHandlers[found.name] as (call: RestCall, given: typeof input) => Promise<unknown>;
    const result = await handler(call, input);
    if (!(result instanceof Response)) return jsonAnswer(route.status, result, facts.requestId, headers);
    for (const [name, value] of Object.entries(headers)) result.headers.set(name, value);
    return result;
  } catch (error) {
    return problemAnswer(error, facts.requestId, headers);
  }
}

/** Who sent it, and whether they may send so much. Invalid credentials count against the address they come from. */
async function authenticate(
  present: Container,
  request: Request,
  { requestId, address }: RequestFacts,
  headers: Record<string, string>,
): Promise<RestCall> {
  const { db, settings } = present;
  try {
    const caller = await authenticateToken(db, bearerSecret(request.headers));
    const rate = await requireRate(db, `token:${caller.tokenId}`, settings.requestsPerMinute);
    Object.assign(headers, limitHeaders(rate));
    if (!rate.allowed) throw rate.refusal;
    return {
      container: present,
      context: { actor: { kind: 'token', tokenId: caller.tokenId }, requestId, address },
      caller,
      request,
      requestId,
    };
  } catch (error) {
    if (error instanceof LockstepError && error.code === 'auth.unauthenticated') {
      const rate = await requireRate(db, `attempts:${address ?? 'unknown'}`, settings.attemptsPerMinute);
      if (!rate.allowed) {
        Object.assign(headers, limitHeaders(rate));
        throw rate.refusal;
      }
    }
    throw error;
  }
}
