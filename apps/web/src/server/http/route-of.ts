import { LockstepError } from '@lockstep/contracts';
import type { RouteMatch } from './match-route.js';

/** The route of a request below a base path. @throws LockstepError for paths and methods that are not there */
export function routeOf<N extends string>(
  match: (method: string, path: readonly string[]) => RouteMatch<N>,
  { method }: Request,
  pathname: string,
  headers: Record<string, string>,
): { readonly name: N; readonly params: Readonly<Record<string, string>> } {
  const found = match(method, pathname.split('/').slice(1));
  if (found.kind === 'found') return found;
  if (found.kind === 'none') throw new LockstepError('auth.not-found', 'There is nothing at this address.');
  headers.Allow = found.allow.join(', ');
  throw new LockstepError('bad-input.method', `Expected ${found.allow.join(' or ')} here, got ${method}.`);
}
