import { randomBytes } from 'node:crypto';
import { copyFile, link, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileSha256 } from '@lockstep/trainer';

/** Checkpoint files of one run by their hash. A file appears complete or not at all, and is never changed. */
export class BlobCache {
  constructor(private readonly folder: string) {}

  path(sha256: string): string {
    return join(this.folder, sha256);
  }

  /** Keeps a file that somebody else may remove. */
  async keep(sha256: string, file: string): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    await linkOrCopy(file, this.path(sha256));
  }

  /** Puts a blob at `file`; false where it is not here, or is not what it was. */
  async give(sha256: string, bytes: number, file: string): Promise<boolean> {
    const path = this.path(sha256);
    const size = await stat(path).then(
      (found) => found.size,
      () => null,
    );
    if (size === null) return false;
    if (size !== bytes || (await fileSha256(path)) !== sha256) {
      await rm(path, { force: true });
      return false;
    }
    await linkOrCopy(path, file);
    return true;
  }

  /** Fetches a blob through a temporary file. The hash is checked by whoever gives it. */
  async fetch(sha256: string, download: (file: string) => Promise<void>): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    const temporary = `${this.path(sha256)}.${randomBytes(6).toString('hex')}.part`;
    try {
      await download(temporary);
      await rename(temporary, this.path(sha256));
    } finally {
      await rm(temporary, { force: true });
    }
  }

  /** Removes what none of `wanted` names. */
  async prune(wanted: ReadonlySet<string>): Promise<void> {
    const names = await readdir(this.folder).catch(() => []);
    for (const name of names)
      if (!wanted.has(name) && !name.endsWith('.part')) await rm(this.path(name), { force: true });
  }
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  try {
    await link(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'EXDEV' && code !== 'EPERM' && code !== 'EMLINK' && code !== 'ENOTSUP') throw error;
    await copyFile(from, `${to}.part`);
    await rename(`${to}.part`, to);
  }
}
