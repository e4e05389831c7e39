import { type NodeRoute, type NodeRouteName, nodeRoutes } from '@lockstep/contracts';
import { authenticateNode } from '@lockstep/db';
import { container } from '../container.js';
import { jsonAnswer, problemAnswer } from '../http/answer.js';
import { whoseCredential } from '../http/credential.js';
import { createMatcher } from '../http/match-route.js';
import { parseBody, parseParams, parseQuery } from '../http/parse-input.js';
import { batchBodyBytes } from '../http/read-body.js';
import { type RequestFacts, requestFacts } from '../http/request-facts.js';
import { routeOf } from '../http/route-of.js';
import type { NodeCall } from './call.js';
import { nodeHandlers } from './handlers.js';

const basePath = '/node/v1';
const match = createMatcher<NodeRouteName>(nodeRoutes);

/** Every request below /node/v1: route, credential, input, verb, answer. Nodes answer for their rate themselves. */
export async function handleNodeApi(request: Request): Promise<Response> {
  const facts = requestFacts(request.headers);
  const headers: Record<string, string> = {};
  try {
    const url = new URL(request.url);
    const { name, params } = routeOf(match, request, url.pathname.slice(basePath.length), headers);
    const call = await callOf(request, facts, headers);
    const route: NodeRoute = nodeRoutes[name];
    const input = {
      params: parseParams(route, params),
      query: parseQuery(route, url),
      body: await parseBody(route, request, batchBodyBytes),
    };
    const handler = nodeHandlers[name] as (call: NodeCall, given: unknown) => Promise<unknown>;
    const result = await handler(call, input);
    return result instanceof Response ? result : jsonAnswer(route.status, result, facts.requestId, headers);
  } catch (error) {
    return problemAnswer(error, facts.requestId, headers);
  }
}

async function callOf(request: Request, facts: RequestFacts, headers: Record<string, string>): Promise<NodeCall> {
  const present = container();
  const caller = await whoseCredential(present, request, facts, headers, (secret) =>
    authenticateNode(present.db, secret),
  );
  const { requestId, address } = facts;
  return { container: present, context: { actor: caller.actor, requestId, address }, caller, request, requestId };
}
