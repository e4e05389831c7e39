import type { Context } from '../../access/actor.js';
import { requireSystem } from '../../access/authorise.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';

export interface DeletedExpired {
  readonly idempotencyKeys: number;
  readonly rateLimits: number;
  readonly sessions: number;
  readonly verifications: number;
  readonly passwordResets: number;
}

/** Rows of one kind that are deleted at once; what is left is for the next sweep. */
const most = 10_000;

/** Deletes what has run out and is read by nobody any more. Any number of processes may do it at the same time. */
export async function deleteExpired(db: Db, context: Context): Promise<DeletedExpired> {
  requireSystem(context);
  const deleteWhere = async (table: string, key: string, condition: string): Promise<number> => {
    // Rows that another process deletes at the same time are left to it.
    const { rowCount } = await reading(() =>
      db.pool.query(
        `DELETE FROM ${table} WHERE ${key} IN
           (SELECT ${key} FROM ${table} WHERE ${condition} LIMIT ${most} FOR UPDATE SKIP LOCKED)`,
      ),
    );
    return rowCount ?? 0;
  };
  return {
    idempotencyKeys: await deleteWhere('idempotency_key', 'ctid', `created_at < now() - interval '1 day'`),
    // One that is not ahead of the clock counts nothing: a new one begins the same.
    rateLimits: await deleteWhere('rate_limit', 'ctid', `busy_until < now() - interval '1 minute'`),
    sessions: await deleteWhere('session', 'id', 'expires_at < now()'),
    verifications: await deleteWhere('verification', 'id', 'expires_at < now()'),
    passwordResets: await deleteWhere('password_reset', 'id', `expires_at < now() - interval '30 days'`),
  };
}
