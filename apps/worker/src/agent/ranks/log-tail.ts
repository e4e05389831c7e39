import { closeSync, openSync, readSync } from 'node:fs';

const chunkBytes = 64 * 1024;
/** Bytes a look: a rank that prints without end fills its own disk, not the database. */
const mostBytes = 4 * chunkBytes;

/** New whole lines of a file at each look. */
export class LogTail {
  private offset = 0;
  private rest = '';

  constructor(private readonly path: string) {}

  /** `isLast`: what has no newline yet is a line too. */
  read(isLast = false): string[] {
    let text = this.rest;
    let file: number;
    try {
      file = openSync(this.path, 'r');
    } catch {
      return [];
    }
    try {
      const buffer = Buffer.alloc(chunkBytes);
      for (let taken = 0; taken < mostBytes; ) {
        const count = readSync(file, buffer, 0, chunkBytes, this.offset);
        if (count === 0) break;
        this.offset += count;
        taken += count;
        text += buffer.toString('utf8', 0, count);
      }
    } finally {
      closeSync(file);
    }
    const lines = text.split('\n');
    this.rest = isLast ? '' : (lines.pop() ?? '').slice(0, 16_384);
    return lines.filter((line) => line !== '');
  }
}
