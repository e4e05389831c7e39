import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isLockstepError, LockstepError } from '@lockstep/contracts';
import type { ShardFile } from '@lockstep/engine/train';
import { diskError, systemCode } from '../disk/disk-error.js';
import { verifyShardFile } from './open-shard-file.js';

/**
 * Prepared datasets, one folder each, named by the hash of what they were prepared from:
 *
 *   <cacheDir>/datasets/<key>/{train.shard,validation.shard}
 *
 * A folder appears by one rename when it is complete, so that a reader never sees half of one, and two processes that
 * prepare the same dataset at once both end with the same folder.
 */
export interface PreparedDataset {
  train: ShardFile;
  validation: ShardFile;
}

const STALE_MS = 24 * 60 * 60 * 1000;
const PREPARING = '.preparing-';

/** A verified dataset of the cache; null if it is not there. Throws `data.corrupt` if it is there but damaged. */
async function readEntry(folder: string): Promise<PreparedDataset | null> {
  try {
    await stat(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw diskError(error, 'looking for a prepared dataset', folder);
  }
  return {
    train: await verifyShardFile(join(folder, 'train.shard')),
    validation: await verifyShardFile(join(folder, 'validation.shard')),
  };
}

/** As readEntry, but a damaged entry is moved away, so that it is prepared again. */
async function readOrDiscardEntry(folder: string, log: (line: string) => void): Promise<PreparedDataset | null> {
  try {
    return await readEntry(folder);
  } catch (error) {
    if (!isLockstepError(error) || !error.code.startsWith('data.')) throw error;
    log(`${error.message} (preparing the dataset again)`);
    const aside = `${folder}.damaged-${randomUUID()}`;
    try {
      await rename(folder, aside);
      await rm(aside, { recursive: true, force: true });
    } catch (failure) {
      // Another process may have been faster; anything else shows when the new entry is put in place.
      if (systemCode(failure) !== 'ENOENT') throw diskError(failure, 'removing a damaged dataset', folder);
    }
    return null;
  }
}

async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** What a killed process left behind; one that is at work is younger. */
async function removeStale(root: string, now: number): Promise<void> {
  for (const name of await readdir(root)) {
    if (!name.startsWith(PREPARING)) continue;
    const path = join(root, name);
    const info = await stat(path).catch(() => null);
    if (info && now - info.mtimeMs > STALE_MS) await rm(path, { recursive: true, force: true });
  }
}

/** The dataset `key` if it is in the cache and intact. */
export function cachedDataset(
  cacheDir: string,
  key: string,
  log: (line: string) => void,
): Promise<PreparedDataset | null> {
  return readOrDiscardEntry(join(cacheDir, 'datasets', key), log);
}

/**
 * The dataset `key` of the cache, made by `prepare` (which fills an empty folder) if it is not there. Write failures
 * are `infrastructure.disk*` errors; whatever `prepare` throws passes through, and nothing is left behind.
 */
export async function cacheDataset(
  cacheDir: string,
  key: string,
  prepare: (folder: string) => Promise<unknown>,
  log: (line: string) => void,
): Promise<PreparedDataset> {
  const root = join(cacheDir, 'datasets');
  const folder = join(root, key);
  const existing = await readOrDiscardEntry(folder, log);
  if (existing) return existing;

  const temporary = join(root, `${PREPARING}${key.slice(0, 16)}-${randomUUID()}`);
  try {
    await mkdir(root, { recursive: true });
    await removeStale(root, Date.now());
    await mkdir(temporary);
    await prepare(temporary);
    await flushFolder(temporary);
    await putInPlace(temporary, folder);
    await flushFolder(root);
  } catch (error) {
    throw diskError(error, 'preparing a dataset in the cache', root);
  } finally {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
  }
  const prepared = await readEntry(folder);
  if (prepared) return prepared;
  throw new LockstepError('infrastructure.disk', `${folder}: expected the dataset that was just prepared; try again`);
}

/** Somebody else's equal entry may be there already; ours is then not needed. */
async function putInPlace(temporary: string, folder: string): Promise<void> {
  try {
    await rename(temporary, folder);
  } catch (error) {
    const code = systemCode(error);
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
}
