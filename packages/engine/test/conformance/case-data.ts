import { philox } from '../../src/random/philox.js';
import { streamKey } from '../../src/random/stream-key.js';

/**
 * Float32 numbers of a named stream in [-1, 1), all different and at least 1/(count + 1) or so apart, so that a finite
 * difference never moves one past another: a shuffled grid with small offsets. Values near 0 are kept off it, for relu.
 */
export function caseData(name: string, count: number): Float64Array {
  const key = streamKey(1, `case/${name}`);
  const random = (index: number, word: number): number => (philox(key, [index, word, 0, 0])[0] ?? 0) / 2 ** 32;
  const order = Array.from({ length: count }, (_, index) => index);
  for (let index = count - 1; index > 0; index -= 1) {
    const other = Math.floor(random(index, 1) * (index + 1));
    [order[index], order[other]] = [order[other] as number, order[index] as number];
  }
  // Slot s covers [-1 + 2s/count, -1 + 2(s+1)/count); the value lies in its middle half.
  return Float64Array.from(order, (slot, index) => {
    const value = -1 + (2 * (slot + 0.25 + random(index, 2) / 2)) / count;
    return Math.fround(Math.abs(value) < 1e-3 ? 1e-3 : value);
  });
}
