/**
 * One named float32 tensor of a run's state, row-major: a parameter (`conv1.weight`), a buffer (`bn1.runningMean`), or
 * an optimizer slot (`optimizer/<parameter>/momentum`, `/m`, `/v`).
 */
export interface StateTensor {
  name: string;
  shape: readonly number[];
  data: Float32Array;
}

const OPTIMIZER_PREFIX = 'optimizer/';

export function isOptimizerSlot(name: string): boolean {
  return name.startsWith(OPTIMIZER_PREFIX);
}

/** Elements as they lie in memory: little-endian on every machine that the product runs on. */
export function tensorBytes(tensor: StateTensor): Uint8Array {
  return new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength);
}

/** Order of names by their UTF-8 bytes, which is the order of code points (JavaScript's `<` compares UTF-16 units). */
export function byNameBytes(a: { name: string }, b: { name: string }): number {
  const left = [...a.name];
  const right = [...b.name];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = ((left[i] as string).codePointAt(0) as number) - ((right[i] as string).codePointAt(0) as number);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
