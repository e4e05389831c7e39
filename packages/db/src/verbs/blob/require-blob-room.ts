import type { Context } from '../../access/actor.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';
import { requireStorage } from '../../limits/require-storage.js';
import { requireNodeOf } from './require-node-of.js';

/**
 * Whether a node may store so many bytes more, asked before they are sent; `putBlobRow` decides.
 *
 * @throws LockstepError `infrastructure.disk-full`
 */
export async function requireBlobRoom(
  db: Db,
  context: Context,
  { organisationId, sha256, bytes }: { organisationId: string; sha256: string; bytes: number },
): Promise<void> {
  await reading(async () => {
    await requireNodeOf(db.prisma, context, organisationId);
    const where = { organisationId_sha256: { organisationId, sha256 } };
    if ((await db.prisma.blob.findUnique({ where, select: { sha256: true } })) !== null) return;
    await requireStorage(db.prisma, organisationId, bytes);
  });
}
