import type { AuthenticatedToken } from '@lockstep/db';

/** What a token can be used for at present: a viewer's token only reads, whatever it was made for. */
export function scopesNow({ role, scopes }: AuthenticatedToken): string[] {
  return role === 'viewer' ? scopes.filter((scope) => scope.endsWith(':read')) : [...scopes];
}
