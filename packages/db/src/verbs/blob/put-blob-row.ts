import { LockstepError, parseWith, sha256Schema } from '@lockstep/contracts';
import { z } from 'zod';
import type { Context } from '../../access/actor.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';
import { requireStorage } from '../../limits/require-storage.js';
import { requireNodeOf } from './require-node-of.js';

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
 * @throws LockstepError `infrastructure.disk-full` beyond the organisation's limit
 * @returns whether they were recorded before
 */
export async function putBlobRow(db: Db, context: Context, input: PutBlobRowInput): Promise<{ existed: boolean }> {
  const { organisationId, sha256, bytes, storageKey } = parseWith(inputSchema, input, { source: 'blob' });
  return inTransaction(db, async (tx) => {
    await requireNodeOf(tx, context, organisationId);
    // Of two that store at the same time under a limit, the second one counts what the first one stored.
    await tx.$queryRaw`SELECT id FROM organisation WHERE id = ${organisationId} AND EXISTS
      (SELECT 1 FROM "limit" WHERE organisation_id = ${organisationId} AND kind = 'bytes') FOR NO KEY UPDATE`;
    const where = { organisationId_sha256: { organisationId, sha256 } };
    // What was stored just now is in use, though nothing refers to it yet (`releaseUnusedBlobs`).
    const { count } = await tx.blob.updateMany({ where: { organisationId, sha256 }, data: { createdAt: new Date() } });
    if (count === 0) {
      await requireStorage(tx, organisationId, bytes);
      const created = await tx.blob.createMany({
        data: [{ organisationId, sha256, bytes, storageKey }],
        skipDuplicates: true,
      });
      if (created.count === 1) return { existed: false };
    }
    const existing = await tx.blob.findUniqueOrThrow({ where });
    if (Number(existing.bytes) !== bytes)
      throw new LockstepError('data.corrupt', `Expected blob ${sha256} to have ${existing.bytes} bytes, got ${bytes}.`);
    return { existed: true };
  });
}
