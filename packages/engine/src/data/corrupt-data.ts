import { LockstepError } from '@lockstep/contracts';

/** A file of data is not what it should be. The message: what was expected, for what, what came, what to do. */
export function corruptData(message: string, cause?: unknown): LockstepError {
  return new LockstepError('data.corrupt', message, cause === undefined ? {} : { cause });
}
