import { LockstepError } from '@lockstep/contracts';
import { type Db, takeRateLimit } from '@lockstep/db';

export interface Rate {
  readonly allowed: boolean;
  /** Requests that may come at once, and that refill within a minute. */
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until a request is allowed again, or until all are. */
  readonly resetSeconds: number;
  readonly refusal: LockstepError;
}

/** Counts one request of `key`. The bucket is a row, so that every web process counts the same. */
export async function requireRate(db: Db, key: string, perMinute: number): Promise<Rate> {
  const { allowed, remaining } = await takeRateLimit(db, { key, capacity: perMinute, refillPerSecond: perMinute / 60 });
  const missing = allowed ? perMinute - remaining : 1 - remaining;
  const resetSeconds = Math.max(1, Math.ceil((missing * 60) / perMinute));
  return {
    allowed,
    limit: perMinute,
    remaining: Math.max(0, Math.floor(remaining)),
    resetSeconds,
    refusal: new LockstepError(
      'auth.rate-limited',
      `Expected at most ${perMinute} requests a minute, got more. Try again in ${resetSeconds} s.`,
    ),
  };
}

export function limitHeaders({ allowed, limit, remaining, resetSeconds }: Rate): Record<string, string> {
  return {
    'RateLimit-Limit': String(limit),
    'RateLimit-Remaining': String(remaining),
    'RateLimit-Reset': String(resetSeconds),
    ...(allowed ? {} : { 'Retry-After': String(resetSeconds) }),
  };
}
