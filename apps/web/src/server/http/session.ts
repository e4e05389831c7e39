import type { Container } from '../container.js';

export interface SessionUser {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

/** Who is signed in, read from the database at every request; null for nobody. */
export async function sessionUser({ auth }: Container, headers: Headers): Promise<SessionUser | null> {
  if (!headers.has('cookie')) return null;
  const session = await auth.api.getSession({ headers });
  return session === null ? null : { id: session.user.id, name: session.user.name, email: session.user.email };
}
