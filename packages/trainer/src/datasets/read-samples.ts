import { open } from 'node:fs/promises';
import type { ShardFile } from '@lockstep/engine/train';
import { readError } from './idx-source.js';

/** Samples of a shard, one after the other. */
export interface SampleRows {
  /** [count, ...shape] in the shard's dtype, little-endian. */
  readonly bytes: Uint8Array;
  /** [count] */
  readonly labels: Int32Array;
}

/** How many samples each class has. */
export type ClassCounts = readonly number[];

/** The samples from `offset` on, at most `count` of them; fewer at the end. */
export async function readSamples(
  { path, header }: ShardFile,
  { offset, count }: { readonly offset: number; readonly count: number },
): Promise<SampleRows> {
  const rows = Math.max(0, Math.min(count, header.count - offset));
  const each = header.samples.bytes / header.count;
  const bytes = await readRange(path, header.samples.offset + offset * each, rows * each);
  const labels = await readRange(path, header.labels.offset + offset * 4, rows * 4);
  return { bytes, labels: new Int32Array(labels.buffer, labels.byteOffset, rows) };
}

/** [classes] */
export async function readClassCounts({ path, header }: ShardFile): Promise<ClassCounts> {
  const bytes = await readRange(path, header.labels.offset, header.labels.bytes);
  const counts = new Array<number>(header.classes).fill(0);
  for (const label of new Int32Array(bytes.buffer, bytes.byteOffset, header.count)) {
    counts[label] = (counts[label] ?? 0) + 1;
  }
  return counts;
}

async function readRange(path: string, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  if (length === 0) return bytes;
  try {
    const file = await open(path);
    try {
      for (let done = 0; done < length; ) {
        const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
        if (bytesRead === 0) throw new Error(`${path} ended at ${offset + done}`);
        done += bytesRead;
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    throw readError(error, path);
  }
  return bytes;
}
