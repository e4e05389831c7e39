import type { Shape } from './types.js';

/** Number of elements of a shape. Exact below 2^53, which the limits of the contract guarantee. */
export function elementCount(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** `[1, 28, 28]` as people write it, for messages and tables. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}
