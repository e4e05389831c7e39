import { LockstepError } from '@lockstep/contracts';
import { container } from '../container.js';
import { bytesAnswer, problemAnswer } from '../http/answer.js';
import { requireRate } from '../http/rate-limit.js';
import { requestFacts } from '../http/request-facts.js';
import { sessionUser } from '../http/session.js';
import { streamOf } from '../http/stream.js';
import { describeError, log } from '../log.js';
import type { LiveStream } from './live-stream.js';

/** The live stream of a browser, shared between its tabs. Programs have streams of runs below /api/v1. */
export async function handleLive(request: Request): Promise<Response> {
  const { requestId, address } = requestFacts(request.headers);
  const headers: Record<string, string> = {};
  try {
    const present = container();
    const user = await sessionUser(present, request.headers);
    const { requestsPerMinute, attemptsPerMinute } = present.settings;
    const who = user === null ? `address:${address ?? 'unknown'}` : `user:${user.id}`;
    await requireRate(present.db, who, user === null ? attemptsPerMinute : requestsPerMinute, headers);
    if (user === null) throw new LockstepError('auth.unauthenticated', 'Sign in first.');
    const browser = browserOf(new URL(request.url));
    const stream = await present.live.open({ sessionId: user.sessionId, userId: user.id, browser });
    const body = streamOf(
      (gone) => frames(stream, AbortSignal.any([gone, request.signal]), () => present.live.close(stream)),
      (error) => log('error', 'live stream failed', { requestId, error: describeError(error) }),
    );
    return bytesAnswer(body, requestId, {
      ...headers,
      'Content-Type': 'text/event-stream; charset=utf-8',
      'X-Accel-Buffering': 'no',
    });
  } catch (error) {
    return problemAnswer(error, requestId, headers);
  }
}

async function* frames(stream: LiveStream, signal: AbortSignal, close: () => void): AsyncGenerator<string, void, void> {
  try {
    yield* stream.frames(signal);
  } finally {
    close();
  }
}

/** Which of a person's browsers asks: a random text that its tabs share. */
function browserOf({ searchParams }: URL): string | null {
  const browser = searchParams.get('browser');
  if (browser === null || /^[\w-]{8,64}$/.test(browser)) return browser;
  throw new LockstepError('bad-input.field', 'browser: expected 8 to 64 letters, digits, - or _.');
}
