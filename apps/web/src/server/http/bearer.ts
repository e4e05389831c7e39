import { LockstepError } from '@lockstep/contracts';

/** The secret of `Authorization: Bearer …`. Cookies are not looked at. */
export function bearerSecret(headers: Headers): string {
  const value = headers.get('authorization');
  const secret = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(value ?? '')?.[1];
  if (secret !== undefined) return secret;
  throw new LockstepError(
    'auth.unauthenticated',
    value === null
      ? 'Expected the header "Authorization: Bearer <token>", got none. Make a token on the page Tokens.'
      : 'Expected the header Authorization to be "Bearer <token>", got something else.',
  );
}
