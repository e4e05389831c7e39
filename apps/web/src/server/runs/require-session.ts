import { LockstepError } from '@lockstep/contracts';
import { type Db, isSessionOpen } from '@lockstep/db';

/** For streams, which outlive the check at their start. @throws LockstepError `auth.unauthenticated` */
export async function requireSession(db: Db, sessionId: string): Promise<void> {
  if (!(await isSessionOpen(db, sessionId)))
    throw new LockstepError('auth.unauthenticated', 'The session has ended. Sign in.');
}
