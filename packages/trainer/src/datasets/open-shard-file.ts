import { open } from 'node:fs/promises';
import { corruptData, MAX_SHARD_HEADER_BYTES, parseShardHeader, type ShardFile } from '@lockstep/engine/train';
import { fileSha256 } from '../disk/file-hash.js';
import { readError } from './idx-source.js';

/** A shard file with its header checked against its size; the content is not hashed. */
export async function openShardFile(path: string): Promise<ShardFile> {
  try {
    const handle = await open(path);
    try {
      const { size } = await handle.stat();
      const bytes = Buffer.alloc(Math.min(size, 8 + MAX_SHARD_HEADER_BYTES));
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
      return { path, header: parseShardHeader(bytes.subarray(0, bytesRead), size, path) };
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw readError(error, path);
  }
}

/** A shard file, header and content verified. Throws LockstepError `data.corrupt` naming what differs. */
export async function verifyShardFile(path: string): Promise<ShardFile> {
  const file = await openShardFile(path);
  for (const name of ['samples', 'labels'] as const) {
    const section = file.header[name];
    const actual = await fileSha256(path, section);
    if (actual !== section.sha256) {
      throw corruptData(
        `${path}: expected ${name} with SHA-256 ${section.sha256}, got ${actual}; the file is damaged: delete it, ` +
          'it is prepared again from its source',
      );
    }
  }
  return file;
}
