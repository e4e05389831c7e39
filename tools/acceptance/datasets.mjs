// Small datasets as folders of IDX files: the same bytes in every run.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes of an IDX file of unsigned bytes. */
export function idx(dimensions, values) {
  const head = Buffer.alloc(4 + 4 * dimensions.length);
  head.set([0, 0, 8, dimensions.length]);
  for (const [index, dimension] of dimensions.entries()) head.writeUInt32BE(dimension, 4 + 4 * index);
  return Buffer.concat([head, Buffer.from(values)]);
}

/** xorshift32: noise that needs no library and is the same everywhere. */
function noise(seed) {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}

/** Images whose class is where they are bright, under noise. `shape` is [H,W] or [C,H,W]. */
export function writeImages(folder, { shape, classes, train, test, seed = 1 }) {
  mkdirSync(folder, { recursive: true });
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  const width = shape.at(-1);
  for (const [split, count] of [
    ['train', train],
    ['test', test],
  ]) {
    const next = noise(seed * 7919 + count);
    const labels = Array.from({ length: count }, () => next() % classes);
    const pixels = Buffer.alloc(count * size);
    for (const [index, label] of labels.entries()) {
      for (let pixel = 0; pixel < size; pixel++) {
        const isBright = Math.floor(((pixel % width) * classes) / width) === label;
        pixels[index * size + pixel] = (next() % 120) + (isBright ? 110 : 0);
      }
    }
    writeFileSync(join(folder, `${split}-images-idx${shape.length + 1}-ubyte`), idx([count, ...shape], pixels));
    writeFileSync(join(folder, `${split}-labels-idx1-ubyte`), idx([count], labels));
  }
  return folder;
}
