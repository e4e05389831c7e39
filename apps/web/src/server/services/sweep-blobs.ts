import { type Context, type Db, releaseUnusedBlobs } from '@lockstep/db';
import { describeError, log } from '../log.js';
import type { BlobStore } from './blob-store.js';

const everyMs = 600_000;
const leftoverMs = 24 * 3_600_000;
const context: Context = { actor: { kind: 'system', name: 'web' }, requestId: null, address: null };

/** Frees blobs that nothing uses, as long as there are some, and what broken uploads left. */
export async function sweepBlobs(db: Db, blobs: BlobStore): Promise<number> {
  let freed = 0;
  for (;;) {
    const { blobs: released } = await releaseUnusedBlobs(db, context, { remove: (key) => blobs.remove(key) });
    freed += released;
    if (released === 0) break;
  }
  return freed + (await blobs.removeLeftovers(leftoverMs));
}

/** Here, because this process has the storage; several of them may do it at the same time. */
export function sweepBlobsOften(db: Db, blobs: BlobStore): void {
  setInterval(() => {
    sweepBlobs(db, blobs).then(
      (freed) => freed > 0 && log('info', 'freed blobs that nothing uses', { blobs: freed }),
      (error) => log('warning', 'blobs were not swept', { error: describeError(error) }),
    );
  }, everyMs).unref();
}
