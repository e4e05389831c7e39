import type { Container } from '../container.js';

export interface SessionUser {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly sessionId: string;
}

/** Who is signed in, read from the database at every request; null for nobody. */
export async function sessionUser({ auth }: Container, headers: Headers): Promise<SessionUser | null> {
  if (!headers.has('cookie')) return null;
  const session = await auth.api.getSession({ headers });
  if (session === null) return null;
  const { id, name, email } = session.user;
  return { id, name, email, sessionId: session.session.id };
}
