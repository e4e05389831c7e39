// Choices that look random and are the same in every run.
import { createHash } from 'node:crypto';

/** A number in [0, 1) that depends on the words only. */
export function chance(...words) {
  return createHash('sha256').update(words.join('/')).digest().readUIntBE(0, 6) / 2 ** 48;
}

/** A whole number in [0, count). */
export function pick(count, ...words) {
  return Math.floor(chance(...words) * count);
}
