import { LockstepError } from '@lockstep/contracts';
import type { Tx } from '../database/transaction.js';
import { readLimit } from './read-limit.js';
import { usedBytes } from './used-bytes.js';

/**
 * Refuses a run that could not begin however long it waits, because the organisation's limits do not have room for it even
 * when nothing else runs.
 *
 * @throws LockstepError `bad-input.limit`
 */
export async function requireRoom(
  tx: Pick<Tx, 'limit' | 'blob'>,
  organisationId: string,
  { minimumWorkers, threads }: { minimumWorkers: number; threads: number },
): Promise<void> {
  const cores = await readLimit(tx, organisationId, 'cores');
  if (cores !== null && minimumWorkers * threads > cores)
    throw refused(
      `at most ${cores} cores, the limit of the organisation, got a run that needs ${minimumWorkers * threads}`,
      'Use fewer workers or threads',
    );
  const runs = await readLimit(tx, organisationId, 'runs');
  if (runs === 0) throw refused('a limit that allows runs, got one of 0 runs at the same time', 'Wait');
  const bytes = await readLimit(tx, organisationId, 'bytes');
  if (bytes === null) return;
  const used = await usedBytes(tx, organisationId);
  if (used >= bytes)
    throw refused(
      `room for checkpoints, got a storage in which ${used} of the ${bytes} bytes of the organisation's limit are used`,
      'Delete runs',
    );
}

function refused(expected: string, remedy: string): LockstepError {
  return new LockstepError('bad-input.limit', `Expected ${expected}. ${remedy}, or ask an owner to raise the limit.`);
}
