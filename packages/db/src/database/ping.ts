import type { Db } from './open-db.js';
import { reading } from './transaction.js';

/** @throws LockstepError `infrastructure.database` where it cannot be reached */
export async function ping(db: Db): Promise<void> {
  await reading(() => db.pool.query('SELECT 1'));
}
