import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';

export interface RateLimitInput {
  /** Who is counted, for what: `api:tok_…`, `sign-in:203.0.113.7`. */
  readonly key: string;
  /** Requests at once. */
  readonly burst: number;
  /** Requests that come back in a second. */
  readonly perSecond: number;
  /** What this request counts. */
  readonly cost?: number;
}

export interface RateLimitResult {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Until this request would be allowed; 0 if it is. */
  readonly retryAfterSeconds: number;
  /** Until nothing is counted any more. */
  readonly resetSeconds: number;
}

/** Counts a request, in one statement: servers that share the database share the limit. */
export async function takeRateLimit(
  db: Db,
  { key, burst, perSecond, cost = 1 }: RateLimitInput,
): Promise<RateLimitResult> {
  const share = cost / perSecond;
  const ahead = burst / perSecond;
  return reading(async () => {
    const taken = await db.pool.query<{ busy: number }>(
      `INSERT INTO rate_limit AS old (key, busy_until)
       SELECT $1, now() + make_interval(secs => $2) WHERE $2::float8 <= $3::float8
       ON CONFLICT (key) DO UPDATE SET busy_until = greatest(old.busy_until, now()) + make_interval(secs => $2)
         WHERE greatest(old.busy_until, now()) + make_interval(secs => $2) <= now() + make_interval(secs => $3)
       RETURNING extract(epoch FROM busy_until - now())::float8 AS busy`,
      [key, share, ahead],
    );
    const busy = taken.rows[0]?.busy ?? (await busyFor(db, key));
    const isAllowed = taken.rows.length > 0;
    return {
      allowed: isAllowed,
      limit: burst,
      remaining: Math.max(0, Math.floor((ahead - busy) * perSecond + 1e-6)),
      retryAfterSeconds: isAllowed ? 0 : Math.max(0, busy + share - ahead),
      resetSeconds: Math.max(0, busy),
    };
  });
}

async function busyFor(db: Db, key: string): Promise<number> {
  const { rows } = await db.pool.query<{ busy: number }>(
    'SELECT greatest(0, extract(epoch FROM busy_until - now()))::float8 AS busy FROM rate_limit WHERE key = $1',
    [key],
  );
  return rows[0]?.busy ?? 0;
}
