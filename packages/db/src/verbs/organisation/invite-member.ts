import { LockstepError, parseWith } from '@lockstep/contracts';
import { z } from 'zod';
import type { Context } from '../../access/actor.js';
import { audit } from '../../access/audit.js';
import { authorise } from '../../access/authorise.js';
import { forbidden } from '../../access/refusals.js';
import { newSecret } from '../../access/secrets.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';
import { newId } from '../../ids/new-id.js';

const inputSchema = z.strictObject({
  organisationId: z.string(),
  email: z.email().max(254),
  role: z.enum(['owner', 'admin', 'member', 'viewer']),
});
export type InviteMemberInput = z.input<typeof inputSchema>;

const daysValid = 7;

/** Invites somebody by a secret for a link, shown once. A second invitation of an address replaces the first. */
export async function inviteMember(
  db: Db,
  context: Context,
  input: InviteMemberInput,
): Promise<{ invitationId: string; secret: string; expiresAt: Date }> {
  return inTransaction(db, async (tx) => {
    const grant = await authorise(tx, context, input.organisationId, 'members:write');
    const { organisationId, email, role } = parseWith(inputSchema, input, { source: 'invitation' });
    if (role === 'owner') await authorise(tx, context, organisationId, 'owners:write');
    if (grant.userId === null) throw forbidden('invitations');
    const address = email.toLowerCase();
    const present = await tx.member.findFirst({ where: { organisationId, user: { email: address } } });
    if (present !== null) throw new LockstepError('bad-input.taken', `${email} is a member already.`);
    const { secret, hash } = newSecret('invitation');
    const invitationId = newId('invitation');
    const expiresAt = new Date(Date.now() + daysValid * 86_400_000);
    await tx.invitation.updateMany({
      where: { organisationId, email: address, acceptedAt: null, revokedAt: null },
      data: { revokedAt: new Date() },
    });
    await tx.invitation.create({
      data: {
        id: invitationId,
        organisationId,
        email: address,
        role,
        secretHash: hash,
        invitedById: grant.userId,
        expiresAt,
      },
      select: { id: true },
    });
    await audit(
      tx,
      context,
      { organisationId, action: 'invitation.create', subjectId: invitationId, detail: { email: address, role } },
      grant,
    );
    return { invitationId, secret, expiresAt };
  });
}
