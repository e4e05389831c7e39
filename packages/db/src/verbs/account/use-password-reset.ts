import { secretKind } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import { audit } from '../../access/audit.js';
import { notFound } from '../../access/refusals.js';
import { hashSecret } from '../../access/secrets.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';

/**
 * Sets a new password by the secret of a link, and ends every session of the account. The secret is the right to do it.
 *
 * @param passwordHash as the accounts library makes it; asked for only if the secret is good, because it takes long
 * @throws LockstepError `auth.not-found` for secrets that are wrong, used, replaced or expired
 */
export async function usePasswordReset(
  db: Db,
  { requestId, address }: Pick<Context, 'requestId' | 'address'>,
  { secret, passwordHash }: { secret: string; passwordHash: () => Promise<string> },
): Promise<void> {
  if (secretKind(secret) !== 'passwordReset') throw notFound('link for a password; ask for a new one');
  const isOpen = { secretHash: hashSecret(secret), usedAt: null, revokedAt: null, expiresAt: { gt: new Date() } };
  const found = await db.prisma.passwordReset.findFirst({ where: isOpen, select: { id: true } });
  if (found === null) throw notFound('link for a password; ask for a new one');
  const password = await passwordHash();
  await inTransaction(db, async (tx) => {
    // Of two that use it at the same time, one finds it used.
    const { count } = await tx.passwordReset.updateMany({ where: isOpen, data: { usedAt: new Date() } });
    if (count === 0) throw notFound('link for a password; ask for a new one');
    const { id, userId, organisationId } = await tx.passwordReset.findUniqueOrThrow({ where: { id: found.id } });
    await tx.account.updateMany({ where: { userId, providerId: 'credential' }, data: { password } });
    await tx.session.deleteMany({ where: { userId } });
    const context: Context = { actor: { kind: 'user', userId }, requestId, address };
    const detail = { resetId: id };
    await audit(tx, context, { organisationId, action: 'account.reset-password', subjectId: userId, detail });
  });
}
