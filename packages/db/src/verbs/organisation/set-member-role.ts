import { LockstepError } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import { audit } from '../../access/audit.js';
import { authorise } from '../../access/authorise.js';
import { notFound } from '../../access/refusals.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';
import type { Role } from '../../generated/prisma/enums.js';

export interface SetMemberRoleInput {
  readonly organisationId: string;
  readonly userId: string;
  /** Null ends the membership. */
  readonly role: Role | null;
}

/** Changes or ends a membership. Only owners make or unmake owners, and one always remains. */
export async function setMemberRole(
  db: Db,
  context: Context,
  { organisationId, userId, role }: SetMemberRoleInput,
): Promise<void> {
  await inTransaction(db, async (tx) => {
    const grant = await authorise(tx, context, organisationId, 'members:write');
    // Two owners who step down at the same time wait for each other here.
    await tx.$queryRaw`SELECT user_id FROM member WHERE organisation_id = ${organisationId} ORDER BY user_id FOR UPDATE`;
    const where = { organisationId_userId: { organisationId, userId } };
    const member = await tx.member.findUnique({ where });
    if (member === null) throw notFound('member');
    if (member.role === 'owner' || role === 'owner') await authorise(tx, context, organisationId, 'owners:write');
    if (member.role === 'owner' && role !== 'owner') {
      const owners = await tx.member.count({ where: { organisationId, role: 'owner' } });
      if (owners === 1)
        throw new LockstepError(
          'bad-input.state',
          'Expected an organisation to keep an owner. Make somebody else owner first.',
        );
    }
    if (role === null) await tx.member.delete({ where });
    else await tx.member.update({ where, data: { role } });
    await audit(
      tx,
      context,
      { organisationId, action: 'member.role', subjectId: userId, detail: { from: member.role, to: role } },
      grant,
    );
  });
}
