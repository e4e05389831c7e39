import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { LockstepError } from '@lockstep/contracts';

/** Bytes by organisation and hash. Another storage can take the place of the folder. */
export interface BlobStore {
  has(key: string): Promise<boolean>;
  /** Stores a body whose hash is `sha256`; nothing is kept of another one. */
  put(key: string, sha256: string, body: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<number>;
  /** Bytes that are not there are removed already. */
  remove(key: string): Promise<void>;
  /** Removes what broken uploads left, once it is older than this. */
  removeLeftovers(olderThanMs: number): Promise<number>;
  /** The bytes from `start` on, at most up to `end` (inclusive). */
  open(key: string, range?: { start: number; end: number }): ReadableStream<Uint8Array>;
}

/** Organisations do not share blobs: whether another one holds the same bytes cannot be found out. */
export function blobKey(organisationId: string, sha256: string): string {
  return `${organisationId}/${sha256.slice(0, 2)}/${sha256}`;
}

/** Blobs as files. They appear by rename after hash and bytes are known to be right and safe on the disk. */
export class FolderBlobStore implements BlobStore {
  /** @param openFile opens the file of an upload; tests give one on a disk that is full */
  constructor(
    private readonly folder: string,
    private readonly openFile: typeof open = open,
  ) {}

  async has(key: string): Promise<boolean> {
    return stat(join(this.folder, key)).then(
      (entry) => entry.isFile(),
      () => false,
    );
  }

  async remove(key: string): Promise<void> {
    try {
      await rm(join(this.folder, key), { force: true });
    } catch (error) {
      throw storageError(error);
    }
  }

  async removeLeftovers(olderThanMs: number): Promise<number> {
    let removed = 0;
    for (const name of await readdir(this.incoming).catch(() => [])) {
      const path = join(this.incoming, name);
      const entry = await stat(path).catch(() => null);
      if (entry === null || Date.now() - entry.mtimeMs < olderThanMs) continue;
      await rm(path, { force: true });
      removed++;
    }
    return removed;
  }

  async put(key: string, sha256: string, body: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<number> {
    const path = join(this.folder, key);
    const temporary = join(this.incoming, randomUUID());
    try {
      await mkdir(dirname(temporary), { recursive: true, mode: 0o700 });
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const bytes = await this.writeVerified(temporary, sha256, body, maxBytes);
      await rename(temporary, path);
      await syncFolder(dirname(path));
      return bytes;
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw storageError(error);
    }
  }

  open(key: string, range?: { start: number; end: number }): ReadableStream<Uint8Array> {
    return Readable.toWeb(createReadStream(join(this.folder, key), range)) as ReadableStream<Uint8Array>;
  }

  private async writeVerified(
    path: string,
    sha256: string,
    body: ReadableStream<Uint8Array> | null,
    maxBytes: number,
  ): Promise<number> {
    const hash = createHash('sha256');
    let bytes = 0;
    const file = await this.openFile(path, 'wx', 0o600);
    try {
      const reader = body?.getReader();
      for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
        bytes += part.value.byteLength;
        if (bytes > maxBytes) {
          reader?.cancel().catch(() => undefined);
          throw new LockstepError('bad-input.too-large', `Expected a blob of at most ${maxBytes} bytes, got more.`);
        }
        hash.update(part.value);
        // A disk that is nearly full takes a part, and says so only by a number.
        for (let done = 0; done < part.value.byteLength; ) done += (await file.write(part.value, done)).bytesWritten;
      }
      await file.sync();
    } finally {
      await file.close();
    }
    const found = hash.digest('hex');
    if (found === sha256) return bytes;
    throw new LockstepError(
      'data.corrupt',
      `Expected bytes whose SHA-256 is ${sha256}, got ${bytes} bytes with ${found}. Nothing was kept; send them again.`,
    );
  }

  private get incoming(): string {
    return join(this.folder, 'incoming');
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function storageError(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new LockstepError('infrastructure.disk-full', 'The disk of the blob storage is full; free some space.', {
      cause: error,
    });
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new LockstepError('infrastructure.disk-denied', 'The folder of the blob storage cannot be written.', {
      cause: error,
    });
  }
  if (code === 'EIO' || code === 'ENOENT' || code === 'ENOTDIR') {
    return new LockstepError('infrastructure.disk', 'The disk of the blob storage failed.', { cause: error });
  }
  return error;
}
