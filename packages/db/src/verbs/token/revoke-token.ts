import type { Context } from '../../access/actor.js';
import { audit } from '../../access/audit.js';
import { authorise } from '../../access/authorise.js';
import { forbidden, notFound } from '../../access/refusals.js';
import { roleAllows } from '../../access/rights.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';

/** Ends a token for good: one's own, or any as an admin. Revoking it again changes nothing. */
export async function revokeToken(
  db: Db,
  context: Context,
  { organisationId, tokenId }: { organisationId: string; tokenId: string },
): Promise<void> {
  await inTransaction(db, async (tx) => {
    const grant = await authorise(tx, context, organisationId, 'organisation:read');
    if (context.actor.kind === 'token') throw forbidden('tokens to be revoked');
    const token = await tx.apiToken.findFirst({ where: { id: tokenId, organisationId }, select: { userId: true } });
    const mayAny = grant.role === null || roleAllows(grant.role, 'members:write');
    if (token === null || (token.userId !== grant.userId && !mayAny)) throw notFound('token');
    const { count } = await tx.apiToken.updateMany({
      where: { id: tokenId, organisationId, revokedAt: null },
      data: { revokedAt: new Date() },
    });
    if (count > 0) await audit(tx, context, { organisationId, action: 'token.revoke', subjectId: tokenId }, grant);
  });
}
