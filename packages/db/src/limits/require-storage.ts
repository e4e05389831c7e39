import { LockstepError } from '@lockstep/contracts';
import type { Tx } from '../database/transaction.js';
import { readLimit } from './read-limit.js';
import { usedBytes } from './used-bytes.js';

/** @throws LockstepError `infrastructure.disk-full` where `bytes` more would be beyond the organisation's limit */
export async function requireStorage(
  tx: Pick<Tx, 'limit' | 'blob'>,
  organisationId: string,
  bytes: number,
): Promise<void> {
  const limit = await readLimit(tx, organisationId, 'bytes');
  if (limit === null) return;
  const used = await usedBytes(tx, organisationId);
  if (used + bytes <= limit) return;
  throw new LockstepError(
    'infrastructure.disk-full',
    `Expected at most ${limit} bytes in the storage of the organisation, its limit, got ${used} stored and ${bytes} more. ` +
      'Delete runs, or ask an owner to raise the limit.',
  );
}
