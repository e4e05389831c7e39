import type { Context } from '../../access/actor.js';
import { audit } from '../../access/audit.js';
import { notFound } from '../../access/refusals.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';

export type RevokeSessionsInput =
  | { readonly sessionId: string }
  /** All but this one; all, where it is null. */
  | { readonly exceptSessionId: string | null };

/** Ends sessions of the person who asks: one, or all others. @throws LockstepError `auth.not-found` */
export async function revokeSessions(
  db: Db,
  context: Context,
  input: RevokeSessionsInput,
): Promise<{ revoked: number }> {
  const { actor } = context;
  if (actor.kind !== 'user') throw notFound('page');
  const { userId } = actor;
  return inTransaction(db, async (tx) => {
    const { count } = await tx.session.deleteMany({
      where: {
        userId,
        ...('sessionId' in input
          ? { id: input.sessionId }
          : input.exceptSessionId === null
            ? {}
            : { id: { not: input.exceptSessionId } }),
      },
    });
    if ('sessionId' in input && count === 0) throw notFound('session');
    if (count > 0)
      await audit(tx, context, {
        organisationId: null,
        action: 'session.revoke',
        subjectId: userId,
        detail: { sessions: count },
      });
    return { revoked: count };
  });
}
