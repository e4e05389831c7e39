import { LockstepError } from '@lockstep/contracts';

/**
 * A request that a browser sends with its cookies may change something only if it comes from our own pages: the origin is
 * compared whole. No header, or `null`, is another origin.
 */
export function requireOwnOrigin(request: Request, publicUrl: string): void {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const origin = request.headers.get('origin');
  const site = request.headers.get('sec-fetch-site');
  if (origin === publicUrl && (site === null || site === 'same-origin')) return;
  throw new LockstepError(
    'auth.origin',
    `Expected a request from ${publicUrl}, got one from ${origin === null ? 'no origin' : 'another origin'}. Use the pages of this server, or the REST API with a token.`,
  );
}
