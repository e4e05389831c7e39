import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

const CHUNK_BYTES = 1 << 20;

/** SHA-256 (hex) of `bytes` bytes from `offset`, or of the whole file; read in pieces, so that the event loop stays free. */
export async function fileSha256(path: string, range?: { offset: number; bytes: number }): Promise<string> {
  const hash = createHash('sha256');
  if (range?.bytes === 0) return hash.digest('hex');
  const limits = range ? { start: range.offset, end: range.offset + range.bytes - 1 } : {};
  for await (const chunk of createReadStream(path, { ...limits, highWaterMark: CHUNK_BYTES })) {
    hash.update(chunk as Buffer);
  }
  return hash.digest('hex');
}
