import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** An IDX file of bytes. */
function idx(dimensions: readonly number[], values: readonly number[]): Buffer {
  const head = Buffer.alloc(4 + 4 * dimensions.length);
  head.set([0, 0, 8, dimensions.length]);
  for (const [index, dimension] of dimensions.entries()) head.writeUInt32BE(dimension, 4 + 4 * index);
  return Buffer.concat([head, Buffer.from(values)]);
}

/** Images of `size` × `size` pixels in two classes, bright on the left or on the right, in a folder of IDX files. */
export async function writeTinyDataset(
  folder: string,
  options: { train?: number; test?: number; size?: number } = {},
): Promise<void> {
  const { train = 50, test = 25, size = 4 } = options;
  await mkdir(folder, { recursive: true });
  for (const [name, count] of [
    ['train', train],
    ['t10k', test],
  ] as const) {
    const labels = Array.from({ length: count }, (_, index) => (index * 7 + (index >> 2)) % 2);
    const pixels = labels.flatMap((label, index) =>
      Array.from({ length: size * size }, (_, pixel) => {
        const isRight = pixel % size >= size / 2;
        return ((pixel * 31 + index * 17) % 100) + (isRight === (label === 1) ? 120 : 0);
      }),
    );
    await writeFile(join(folder, `${name}-images-idx3-ubyte`), idx([count, size, size], pixels));
    await writeFile(join(folder, `${name}-labels-idx1-ubyte`), idx([count], labels));
  }
}
