import type { Context } from '../../access/actor.js';
import { requireSystem } from '../../access/authorise.js';
import type { Db } from '../../database/open-db.js';
import { inPgTransaction } from '../../database/transaction.js';

/** A checkpoint's blobs come before the row that names them: a day is more than any upload takes. */
const unusedSeconds = 24 * 3600;

export interface ReleaseUnusedBlobsInput {
  /** Removes the bytes from blob storage; those that are not there are removed already. */
  readonly remove: (storageKey: string) => Promise<void>;
  readonly olderThanSeconds?: number;
  readonly limit?: number;
}

/**
 * Frees blobs that nothing refers to, bytes first and then the row, while the row is locked: who stores the same bytes
 * meanwhile waits for that (`putBlobRow`) and then looks whether they are still there. For the process that has the storage.
 *
 * @returns blobs and bytes that are gone
 */
export async function releaseUnusedBlobs(
  db: Db,
  context: Context,
  { remove, olderThanSeconds = unusedSeconds, limit = 100 }: ReleaseUnusedBlobsInput,
): Promise<{ blobs: number; bytes: number }> {
  requireSystem(context);
  return inPgTransaction(db, async (client) => {
    // First the locks, then the look: nothing can begin to refer to a row that is locked.
    const candidates = await client.query<{ organisation_id: string; sha256: string }>(
      `SELECT organisation_id, sha256 FROM blob
       WHERE created_at < now() - make_interval(secs => $1) AND ${unused} ORDER BY created_at LIMIT $2
       FOR UPDATE OF blob SKIP LOCKED`,
      [olderThanSeconds, limit],
    );
    const { rows } = await client.query<{ storage_key: string; bytes: number }>(
      `DELETE FROM blob USING unnest($1::text[], $2::text[]) AS candidate (organisation_id, sha256)
       WHERE blob.organisation_id = candidate.organisation_id AND blob.sha256 = candidate.sha256 AND ${unused}
       RETURNING storage_key, bytes`,
      [candidates.rows.map(({ organisation_id }) => organisation_id), candidates.rows.map(({ sha256 }) => sha256)],
    );
    for (const { storage_key } of rows) await remove(storage_key);
    return { blobs: rows.length, bytes: rows.reduce((sum, { bytes }) => sum + bytes, 0) };
  });
}

const unused = `NOT EXISTS (SELECT 1 FROM artifact_file AS file
    WHERE file.organisation_id = blob.organisation_id AND file.sha256 = blob.sha256)
  AND NOT EXISTS (SELECT 1 FROM dataset_version AS version
    WHERE version.organisation_id = blob.organisation_id
      AND version.files @> jsonb_build_array(jsonb_build_object('sha256', blob.sha256)))`;
