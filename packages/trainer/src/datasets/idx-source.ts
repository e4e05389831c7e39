import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { isLockstepError, LockstepError } from '@lockstep/contracts';
import {
  corruptData,
  type IdxHeader,
  idxLengthMessage,
  MAX_IDX_HEADER_BYTES,
  parseIdxHeader,
} from '@lockstep/engine/train';
import { systemCode } from '../disk/disk-error.js';

const CHUNK_BYTES = 1 << 20;

/** An error while reading a user's file: unreadable, or gzip that does not unpack. */
export function readError(error: unknown, path: string): LockstepError {
  if (isLockstepError(error)) return error;
  const code = systemCode(error);
  if (code === 'ENOENT') {
    return new LockstepError('data.unreadable', `${path}: expected a file here, got none; check the path`, {
      cause: error,
    });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    const message = `${path}: expected to be allowed to read it, but it was refused (${code}); change its mode or owner`;
    return new LockstepError('data.unreadable', message, { cause: error });
  }
  if (code === 'Z_BUF_ERROR') {
    return corruptData(`${path}: expected a complete gzip file, but it is cut short; copy it again`, error);
  }
  if (code?.startsWith('Z_')) {
    return corruptData(`${path}: expected a gzip file that unpacks, but it is damaged (${code}); copy it again`, error);
  }
  return new LockstepError('data.unreadable', `${path}: expected to read it, but the disk refused (${code})`, {
    cause: error,
  });
}

/** The bytes of a file, unpacked if it starts with the gzip magic, whatever its name. */
async function openStream(path: string): Promise<Readable> {
  const handle = await open(path);
  const magic = Buffer.alloc(2);
  try {
    await handle.read(magic, 0, 2, 0);
  } finally {
    await handle.close();
  }
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  if (magic[0] !== 0x1f || magic[1] !== 0x8b) return file;
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  file.on('error', (error) => gunzip.destroy(error));
  gunzip.on('close', () => file.destroy());
  return file.pipe(gunzip);
}

/** Header of an IDX file (.gz or not) without reading its data. */
export async function readIdxHeader(path: string): Promise<IdxHeader> {
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of await openStream(path)) {
      parts.push(chunk as Buffer);
      length += (chunk as Buffer).length;
      if (length >= MAX_IDX_HEADER_BYTES) break;
    }
  } catch (error) {
    throw readError(error, path);
  }
  return parseIdxHeader(Buffer.concat(parts).subarray(0, MAX_IDX_HEADER_BYTES), basename(path));
}

/**
 * Elements of an IDX file (.gz or not), in pieces of whole elements, `header.dataBytes` in all: a file that holds less
 * or more than its header says is `data.corrupt`. Only a piece at a time is in memory.
 */
export async function* readIdxData(path: string, header: IdxHeader): AsyncGenerator<Uint8Array> {
  const { headerBytes, dataBytes, elementBytes } = header;
  let position = 0;
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const raw of await openStream(path)) {
      const begin = Math.max(0, headerBytes - position);
      position += (raw as Buffer).length;
      if (position > headerBytes + dataBytes) throw corruptData(idxLengthMessage(header, position, basename(path)));
      if (position <= headerBytes) continue;
      const data = (raw as Buffer).subarray(begin);
      const joined: Buffer = rest.length > 0 ? Buffer.concat([rest, data]) : data;
      const whole = joined.length - (joined.length % elementBytes);
      rest = joined.subarray(whole);
      if (whole > 0) yield joined.subarray(0, whole);
    }
  } catch (error) {
    throw readError(error, path);
  }
  if (position !== headerBytes + dataBytes) throw corruptData(idxLengthMessage(header, position, basename(path)));
}
