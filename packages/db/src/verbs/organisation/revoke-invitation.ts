import type { Context } from '../../access/actor.js';
import { audit } from '../../access/audit.js';
import { authorise } from '../../access/authorise.js';
import { notFound } from '../../access/refusals.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';

/** Ends an invitation that was not accepted yet. Revoking it again changes nothing. */
export async function revokeInvitation(
  db: Db,
  context: Context,
  { organisationId, invitationId }: { organisationId: string; invitationId: string },
): Promise<void> {
  await inTransaction(db, async (tx) => {
    const grant = await authorise(tx, context, organisationId, 'members:write');
    const invitation = await tx.invitation.findFirst({
      where: { id: invitationId, organisationId, acceptedAt: null },
      select: { role: true },
    });
    if (invitation === null) throw notFound('invitation');
    if (invitation.role === 'owner') await authorise(tx, context, organisationId, 'owners:write');
    const { count } = await tx.invitation.updateMany({
      where: { id: invitationId, organisationId, acceptedAt: null, revokedAt: null },
      data: { revokedAt: new Date() },
    });
    if (count > 0)
      await audit(tx, context, { organisationId, action: 'invitation.revoke', subjectId: invitationId }, grant);
  });
}
