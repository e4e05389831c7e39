import { isLockstepError } from '@lockstep/contracts';
import type { Container } from '../container.js';
import { bearerSecret } from './bearer.js';
import { requireRate } from './rate-limit.js';
import type { RequestFacts } from './request-facts.js';

/** Whose credential a request brings. Those that are not valid count against the address that they come from. */
export async function whoseCredential<T>(
  { db, settings }: Container,
  request: Request,
  { address }: RequestFacts,
  headers: Record<string, string>,
  authenticate: (secret: string) => Promise<T>,
): Promise<T> {
  try {
    return await authenticate(bearerSecret(request.headers));
  } catch (error) {
    if (isLockstepError(error) && error.code === 'auth.unauthenticated') {
      await requireRate(db, `attempts:${address ?? 'unknown'}`, settings.attemptsPerMinute, headers);
    }
    throw error;
  }
}
