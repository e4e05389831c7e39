import type { Context } from '../../access/actor.js';
import { authorise } from '../../access/authorise.js';
import { notFound } from '../../access/refusals.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';

/** Where bytes of the organisation are stored. @throws LockstepError `auth.not-found` */
export async function findBlob(
  db: Db,
  context: Context,
  { organisationId, sha256 }: { organisationId: string; sha256: string },
): Promise<{ bytes: number; storageKey: string }> {
  const { actor } = context;
  return reading(async () => {
    if (actor.kind === 'node') {
      const node = await db.prisma.node.findFirst({
        where: { id: actor.nodeId, organisationId, retiredAt: null },
        select: { id: true },
      });
      if (node === null) throw notFound('blob');
    } else await authorise(db.prisma, context, organisationId, 'runs:read');
    const row = await db.prisma.blob.findUnique({ where: { organisationId_sha256: { organisationId, sha256 } } });
    if (row === null) throw notFound('blob');
    return { bytes: Number(row.bytes), storageKey: row.storageKey };
  });
}
