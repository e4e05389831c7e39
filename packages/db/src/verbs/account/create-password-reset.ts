import type { Context } from '../../access/actor.js';
import { audit } from '../../access/audit.js';
import { authorise } from '../../access/authorise.js';
import { forbidden, notFound } from '../../access/refusals.js';
import { roleAllows } from '../../access/rights.js';
import { newSecret } from '../../access/secrets.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';
import { newId } from '../../ids/new-id.js';

const hoursValid = 24;

/**
 * Makes a secret for a link by which a member sets a new password, once; shown once, and to be given to them by whoever
 * makes it. It opens the member's whole account: so whoever makes it must be allowed to manage them wherever they are a
 * member. A second one replaces the first.
 *
 * @throws LockstepError `auth.not-found`, `auth.forbidden`
 */
export async function createPasswordReset(
  db: Db,
  context: Context,
  { organisationId, userId }: { organisationId: string; userId: string },
): Promise<{ secret: string; expiresAt: Date }> {
  return inTransaction(db, async (tx) => {
    const grant = await authorise(tx, context, organisationId, 'members:write');
    if (grant.userId === null || context.actor.kind !== 'user') throw forbidden('links for passwords');
    const memberships = await tx.member.findMany({ where: { userId }, select: { organisationId: true, role: true } });
    if (!memberships.some((each) => each.organisationId === organisationId)) throw notFound('member');
    const own = await tx.member.findMany({
      where: { userId: grant.userId, organisationId: { in: memberships.map((each) => each.organisationId) } },
      select: { organisationId: true, role: true },
    });
    const mayManage = memberships.every((membership) => {
      const mine = own.find((each) => each.organisationId === membership.organisationId);
      return (
        mine !== undefined && roleAllows(mine.role, membership.role === 'owner' ? 'owners:write' : 'members:write')
      );
    });
    if (!mayManage) throw forbidden('managing this person in every organisation that they are a member of');
    const { secret, hash } = newSecret('passwordReset');
    const id = newId('passwordReset');
    const expiresAt = new Date(Date.now() + hoursValid * 3_600_000);
    await tx.passwordReset.updateMany({
      where: { userId, usedAt: null, revokedAt: null },
      data: { revokedAt: new Date() },
    });
    await tx.passwordReset.create({
      data: { id, userId, organisationId, secretHash: hash, createdById: grant.userId, expiresAt },
      select: { id: true },
    });
    const detail = { resetId: id };
    await audit(tx, context, { organisationId, action: 'account.reset-link', subjectId: userId, detail }, grant);
    return { secret, expiresAt };
  });
}
