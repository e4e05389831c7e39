import { type HttpRoute, type RestRouteName, restRoutes } from '@lockstep/contracts';
import { authenticateToken } from '@lockstep/db';
import { type Container, container } from '../container.js';
import { jsonAnswer, problemAnswer } from '../http/answer.js';
import { whoseCredential } from '../http/credential.js';
import { createMatcher } from '../http/match-route.js';
import { parseBody, parseParams, parseQuery } from '../http/parse-input.js';
import { requireRate } from '../http/rate-limit.js';
import { jsonBodyBytes } from '../http/read-body.js';
import { type RequestFacts, requestFacts } from '../http/request-facts.js';
import { routeOf } from '../http/route-of.js';
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
    const { name, params } = routeOf(match, request, url.pathname.slice(basePath.length), headers);
    const call = await callOf(container(), request, facts, headers);
    const route: HttpRoute = restRoutes[name];
    const input = {
      params: parseParams(route, params),
      query: parseQuery(route, url),
      body: await parseBody(route, request, jsonBodyBytes),
    };
    const handler = restHandlers[name] as (call: RestCall, given: unknown) => Promise<unknown>;
    const result = await handler(call, input);
    if (!(result instanceof Response)) return jsonAnswer(route.status, result, facts.requestId, headers);
    for (const [header, value] of Object.entries(headers)) result.headers.set(header, value);
    return result;
  } catch (error) {
    return problemAnswer(error, facts.requestId, headers);
  }
}

async function callOf(
  present: Container,
  request: Request,
  facts: RequestFacts,
  headers: Record<string, string>,
): Promise<RestCall> {
  const { db, settings } = present;
  const caller = await whoseCredential(present, request, facts, headers, (secret) => authenticateToken(db, secret));
  await requireRate(db, `token:${caller.actor.tokenId}`, settings.requestsPerMinute, headers);
  const { requestId, address } = facts;
  return { container: present, context: { actor: caller.actor, requestId, address }, caller, request, requestId };
}
