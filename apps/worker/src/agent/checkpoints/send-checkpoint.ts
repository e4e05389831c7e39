import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordCheckpointBody } from '@lockstep/contracts';
import { fileSha256, MANIFEST_NAME, readManifest } from '@lockstep/trainer';
import { Backoff } from '../api/backoff.js';
import { NodeApiError } from '../api/node-api-error.js';
import type { NodeClient } from '../api/node-client.js';
import type { BlobCache } from './blob-cache.js';

/**
 * Keeps the files of a finished checkpoint before the rank may remove them. Gives what will be recorded once all of them
 * are stored.
 */
export async function keepCheckpoint(folder: string, cache: BlobCache): Promise<RecordCheckpointBody> {
  const manifest = await readManifest(folder);
  const manifestFile = join(folder, MANIFEST_NAME);
  const files = [
    ...manifest.files,
    { name: MANIFEST_NAME, bytes: (await stat(manifestFile)).size, sha256: await fileSha256(manifestFile) },
  ];
  for (const { name, sha256 } of files) await cache.keep(sha256, join(folder, name));
  const { sequence, step, epoch, best, digests } = manifest;
  return { sequence, step, epoch, best, weightsDigest: digests.weights, stateDigest: digests.state, files };
}

/** Stores every file of a checkpoint; tries until it succeeds or the signal aborts. */
export async function sendBlobs(
  checkpoint: RecordCheckpointBody,
  { api, cache, signal }: { api: NodeClient; cache: BlobCache; signal: AbortSignal },
): Promise<void> {
  for (const { sha256 } of checkpoint.files) {
    const backoff = new Backoff();
    for (;;) {
      try {
        await api.putBlob(sha256, cache.path(sha256), signal);
        break;
      } catch (error) {
        if (!(error instanceof NodeApiError) || !error.isTransient) throw error;
      }
      await backoff.pause(signal);
    }
  }
}
