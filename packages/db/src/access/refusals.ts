import { LockstepError } from '@lockstep/contracts';

/** Said alike for what does not exist and for what the asker may not know of. */
export function notFound(what: string): LockstepError {
  return new LockstepError('auth.not-found', `There is no such ${what}.`);
}

export function forbidden(right: string): LockstepError {
  return new LockstepError(
    'auth.forbidden',
    `Expected a role or token that allows ${right}, got one that does not. Ask an admin of the organisation.`,
  );
}
