import { LockstepError } from '@lockstep/contracts';
import { container } from '../container.js';
import { problemAnswer } from '../http/answer.js';
import { requireOwnOrigin } from '../http/origin.js';
import { requireRate } from '../http/rate-limit.js';
import { readBytes } from '../http/read-body.js';
import { requestFacts } from '../http/request-facts.js';
import { apiHeaders } from '../http/security-headers.js';
import { authPaths } from '../services/auth.js';

const bodyBytes = 16 * 1024;
/** Passwords are tried so often from one address. */
const signInsPerMinute = 20;

/** What the accounts library serves, less what is not needed; behind our checks of origin, size and rate. */
export async function handleAuth(request: Request): Promise<Response> {
  const { requestId, address } = requestFacts(request.headers);
  const headers: Record<string, string> = {};
  try {
    const { auth, db, settings } = container();
    const path = new URL(request.url).pathname.slice('/api/auth/'.length);
    if (!authPaths.has(path)) throw new LockstepError('auth.not-found', 'There is no such page.');
    requireOwnOrigin(request, settings.publicUrl);
    if (request.method === 'POST' && path !== 'sign-out') {
      await requireRate(db, `accounts:${address ?? 'unknown'}`, signInsPerMinute, headers);
    }
    const body = request.method === 'POST' ? await readBytes(request, bodyBytes) : null;
    const forwarded = new Request(request.url, {
      method: request.method,
      headers: request.headers,
      ...(body === null ? {} : { body: new Uint8Array(body) }),
    });
    const answer = await auth.handler(forwarded);
    for (const [name, value] of Object.entries({ ...apiHeaders, ...headers, 'X-Request-Id': requestId })) {
      answer.headers.set(name, value);
    }
    return answer;
  } catch (error) {
    return problemAnswer(error, requestId, headers);
  }
}
