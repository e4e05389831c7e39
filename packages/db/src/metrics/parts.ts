import { pushVarint, VarintReader } from './varint.js';

/** Points that came with one batch, in a chunk that holds several. */
export interface Part {
  readonly cursor: number;
  readonly points: number;
}

/** A chunk never spans more cursors than this, so that readers know how far beyond theirs they have to look. */
export const largestSpan = 4096;

/** Two or three bytes a batch: the distance from the cursor before, from 0 for the first, and the points. One part needs none. */
export function encodeParts(parts: readonly Part[]): Buffer {
  if (parts.length <= 1) return Buffer.alloc(0);
  const bytes: number[] = [];
  let before = 0;
  for (const { cursor, points } of parts) {
    pushVarint(bytes, cursor - before);
    pushVarint(bytes, points);
    before = cursor;
  }
  return Buffer.from(bytes);
}

/** @param whole what a chunk without parts is: the one batch that it came with */
export function decodeParts(bytes: Uint8Array, whole: Part): Part[] {
  if (bytes.length === 0) return [whole];
  const parts: Part[] = [];
  const reader = new VarintReader(bytes);
  for (let cursor = 0; !reader.isAtEnd; ) {
    cursor += reader.next();
    parts.push({ cursor, points: reader.next() });
  }
  return parts;
}
