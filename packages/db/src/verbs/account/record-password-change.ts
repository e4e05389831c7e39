import type { Context } from '../../access/actor.js';
import { audit } from '../../access/audit.js';
import { notFound } from '../../access/refusals.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';

/** After the accounts library changed a password: other sessions and links of the account end. */
export async function recordPasswordChange(
  db: Db,
  context: Context,
  { sessionId }: { sessionId: string },
): Promise<void> {
  const { actor } = context;
  if (actor.kind !== 'user') throw notFound('page');
  const { userId } = actor;
  await inTransaction(db, async (tx) => {
    const { count } = await tx.session.deleteMany({ where: { userId, id: { not: sessionId } } });
    await tx.passwordReset.updateMany({
      where: { userId, usedAt: null, revokedAt: null },
      data: { revokedAt: new Date() },
    });
    const detail = { sessions: count };
    await audit(tx, context, { organisationId: null, action: 'account.password', subjectId: userId, detail });
  });
}
