import { LockstepError } from '@lockstep/contracts';
import { type Db, type RateLimitResult, takeRateLimit } from '@lockstep/db';

/** Counts one request of `key`. The headers go out with every answer, also with this refusal. */
export async function requireRate(
  db: Db,
  key: string,
  perMinute: number,
  headers: Record<string, string>,
): Promise<void> {
  const result = await takeRateLimit(db, { key, burst: perMinute, perSecond: perMinute / 60 });
  Object.assign(headers, rateHeaders(result));
  if (result.allowed) return;
  throw new LockstepError(
    'auth.rate-limited',
    `Expected at most ${perMinute} requests a minute, got more. Try again in ${Math.ceil(result.retryAfterSeconds)} s.`,
  );
}

function rateHeaders({
  allowed,
  limit,
  remaining,
  retryAfterSeconds,
  resetSeconds,
}: RateLimitResult): Record<string, string> {
  return {
    'RateLimit-Limit': String(limit),
    'RateLimit-Remaining': String(remaining),
    'RateLimit-Reset': String(Math.ceil(resetSeconds)),
    ...(allowed ? {} : { 'Retry-After': String(Math.max(1, Math.ceil(retryAfterSeconds))) }),
  };
}
