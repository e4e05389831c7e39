import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LockstepError, type RunCheckpoint } from '@lockstep/contracts';
import { Backoff } from '../api/backoff.js';
import { NodeApiError } from '../api/node-api-error.js';
import type { NodeClient } from '../api/node-client.js';
import type { BlobCache } from './blob-cache.js';

const attempts = 3;

/** The files of a checkpoint in a folder of their own, verified; what this node has already is not fetched again. */
export async function fetchCheckpoint(
  checkpoint: RunCheckpoint,
  folder: string,
  { api, cache, signal }: { api: NodeClient; cache: BlobCache; signal: AbortSignal },
): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const { name, sha256, bytes } of checkpoint.files) {
    const target = join(folder, name);
    for (let attempt = 0; !(await cache.give(sha256, bytes, target)); attempt++) {
      if (attempt === attempts) {
        throw new LockstepError(
          'data.checkpoint-damaged',
          `Expected ${name} of the checkpoint of step ${checkpoint.step} with SHA-256 ${sha256}, got other bytes ${attempts} times.`,
        );
      }
      await cache.fetch(sha256, (file) => download(api, sha256, file, signal));
    }
  }
}

async function download(api: NodeClient, sha256: string, file: string, signal: AbortSignal): Promise<void> {
  const backoff = new Backoff();
  for (;;) {
    try {
      return await api.getBlob(sha256, file, signal);
    } catch (error) {
      if (!(error instanceof NodeApiError) || !error.isTransient) throw error;
    }
    await rm(file, { force: true });
    await backoff.pause(signal);
  }
}
