import { secretKind } from '@lockstep/contracts';
import { hashSecret } from '../../access/secrets.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';

/** An open invitation by its secret, for the page that accepts it and for sign-up; null if there is none. */
export async function findInvitation(
  db: Db,
  secret: string,
): Promise<{ email: string; organisation: string; role: string } | null> {
  if (secretKind(secret) !== 'invitation') return null;
  return reading(async () => {
    const row = await db.prisma.invitation.findFirst({
      where: { secretHash: hashSecret(secret), acceptedAt: null, revokedAt: null, expiresAt: { gt: new Date() } },
      select: { email: true, role: true, organisation: { select: { name: true } } },
    });
    return row === null ? null : { email: row.email, role: row.role, organisation: row.organisation.name };
  });
}
