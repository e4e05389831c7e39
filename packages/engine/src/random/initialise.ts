import { philox } from './philox.js';
import { streamKey } from './stream-key.js';

export type Initialiser = { kind: 'uniform'; bound: number } | { kind: 'constant'; value: number };

/**
 * First values of a parameter or buffer, in row-major order of `shape`.
 *
 * Uniform: element e takes word e % 4 of the Philox block [floor(e / 4), 0, 0, 0] under the key of stream
 * `init/<name>`; u = (word >>> 8) * 2^-24 lies in [0, 1), the value is the float32 nearest to (u * 2 - 1) * bound.
 */
export function initialise(
  shape: readonly number[],
  init: Readonly<Initialiser>,
  seed: number,
  name: string,
): Float32Array {
  const values = new Float32Array(shape.reduce((product, dimension) => product * dimension, 1));
  if (init.kind === 'constant') return values.fill(init.value);
  const key = streamKey(seed, `init/${name}`);
  for (let begin = 0; begin < values.length; begin += 4) {
    const words = philox(key, [begin / 4, 0, 0, 0]);
    const end = Math.min(begin + 4, values.length);
    for (let element = begin; element < end; element++) {
      const unit = ((words[element - begin] as number) >>> 8) * 2 ** -24;
      values[element] = (unit * 2 - 1) * init.bound;
    }
  }
  return values;
}
