import { LockstepError, parseWith, sha256Schema } from '@lockstep/contracts';
import { z } from 'zod';
import type { Context } from '../../access/actor.js';
import { notFound } from '../../access/refusals.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';

const inputSchema = z.strictObject({
  organisationId: z.string(),
  sha256: sha256Schema,
  bytes: z.int().min(0),
  storageKey: z.string().min(1).max(512),
});
export type PutBlobRowInput = z.input<typeof inputSchema>;

/**
 * Records bytes that are in blob storage and whose hash was verified; nodes of the organisation and the system do.
 *
 * @returns whether they were recorded before
 */
export async function putBlobRow(db: Db, context: Context, input: PutBlobRowInput): Promise<{ existed: boolean }> {
  const { organisationId, sha256, bytes, storageKey } = parseWith(inputSchema, input, { source: 'blob' });
  const { actor } = context;
  return inTransaction(db, async (tx) => {
    if (actor.kind === 'node') {
      const node = await tx.node.findFirst({
        where: { id: actor.nodeId, organisationId, retiredAt: null },
        select: { id: true },
      });
      if (node === null) throw notFound('organisation');
    } else if (actor.kind !== 'system') throw notFound('page');
    const { count } = await tx.blob.createMany({
      data: [{ organisationId, sha256, bytes, storageKey }],
      skipDuplicates: true,
    });
    if (count === 1) return { existed: false };
    const existing = await tx.blob.findUniqueOrThrow({ where: { organisationId_sha256: { organisationId, sha256 } } });
    if (Number(existing.bytes) !== bytes)
      throw new LockstepError('data.corrupt', `Expected blob ${sha256} to have ${existing.bytes} bytes, got ${bytes}.`);
    return { existed: true };
  });
}
