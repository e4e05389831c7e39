import { LockstepError, type NodeRoute, type NodeRouteName, nodeRoutes } from '@lockstep/contracts';
import { authenticateNode } from '@lockstep/db';
import { container } from '../container.js';
import { jsonAnswer, problemAnswer } from '../http/answer.js';
import { bearerSecret } from '../http/bearer.js';
import { createMatcher } from '../http/match-route.js';
import { parseBody, parseParams, parseQuery } from '../http/parse-input.js';
import { limitHeaders, requireRate } from '../http/rate-limit.js';
import { batchBodyBytes } from '../http/read-body.js';
import { requestFacts } from '../http/request-facts.js';
import type { NodeCall } from './call.js';
import { nodeHandlers } from './handlers.js';

const basePath = '/node/v1';
const match = createMatcher<NodeRouteName>(nodeRoutes);

/** Every request below /node/v1: route, credential, input, verb, answer. */
export async function handleNodeApi(request: Request): Promise<Response> {
  const { requestId, address } = requestFacts(request.headers);
  const headers: Record<string, string> = {};
  try {
    const url = new URL(request.url);
    const found = match(request.method, url.pathname.slice(basePath.length + 1).split('/'));
    if (found.kind === 'none') throw new LockstepError('auth.not-found', `There is no ${url.pathname.slice(0, 200)}.`);
    if (found.kind === 'other-method') {
      headers.Allow = found.allow.join(', ');
      throw new LockstepError('bad-input.method', `Expected ${found.allow.join(' or ')} here, got ${request.method}.`);
    }
    const call = await authenticate(request, requestId, address, headers);
    const route: NodeRoute = nodeRoutes[found.name];
    const input = {
      params: parseParams(route, found.params),
      query: parseQuery(route, url),
      body: await parseBody(route, request, batchBodyBytes),
    };
    const handler = nodeHandlers[found.name] as (call: NodeCall, given: typeof input) => Promise<unknown>;
    const result = await handler(call, input);
    return result instanceof Response ? result : jsonAnswer(route.status, result, requestId, headers);
  } catch (error) {
    return problemAnswer(error, requestId, headers);
  }
}

/** Nodes are not counted, they answer for themselves; credentials that are not valid are. */
async function authenticate(
  request: Request,
  requestId: string,
  address: string | null,
  headers: Record<string, string>,
): Promise<NodeCall> {
  const present = container();
  try {
    const caller = await authenticateNode(present.db, bearerSecret(request.headers));
    const context = { actor: { kind: 'node', nodeId: caller.nodeId }, requestId, address } as const;
    return { container: present, context, caller, request, requestId };
  } catch (error) {
    if (error instanceof LockstepError && error.code === 'auth.unauthenticated') {
      const key = `attempts:${address ?? 'unknown'}`;
      const rate = await requireRate(present.db, key, present.settings.attemptsPerMinute);
      if (!rate.allowed) {
        Object.assign(headers, limitHeaders(rate));
        throw rate.refusal;
      }
    }
    throw error;
  }
}
