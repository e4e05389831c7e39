import { secretKind } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import { audit } from '../../access/audit.js';
import { notFound } from '../../access/refusals.js';
import { hashSecret } from '../../access/secrets.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';

/**
 * Makes the signed-in user a member, if the invitation is for their address.
 *
 * @throws LockstepError `auth.not-found` for secrets that are wrong, used, expired, or for somebody else
 */
export async function acceptInvitation(
  db: Db,
  context: Context,
  { secret }: { secret: string },
): Promise<{ organisationId: string }> {
  const { actor } = context;
  if (actor.kind !== 'user' || secretKind(secret) !== 'invitation') throw notFound('invitation');
  return inTransaction(db, async (tx) => {
    const [user, invitation] = await Promise.all([
      tx.user.findUnique({ where: { id: actor.userId }, select: { email: true } }),
      tx.invitation.findUnique({ where: { secretHash: hashSecret(secret) } }),
    ]);
    if (user === null || invitation === null || user.email.toLowerCase() !== invitation.email)
      throw notFound('invitation');
    const { id, organisationId, role } = invitation;
    // Of two that accept at the same time, one finds it used.
    const { count } = await tx.invitation.updateMany({
      where: { id, acceptedAt: null, revokedAt: null, expiresAt: { gt: new Date() } },
      data: { acceptedAt: new Date() },
    });
    if (count === 0) throw notFound('invitation');
    await tx.member.upsert({
      where: { organisationId_userId: { organisationId, userId: actor.userId } },
      create: { organisationId, userId: actor.userId, role },
      update: {},
      select: { userId: true },
    });
    await audit(tx, context, { organisationId, action: 'invitation.accept', subjectId: id, detail: { role } });
    return { organisationId };
  });
}
