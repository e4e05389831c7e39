/**
 * Central difference of a scalar function by every element of one tensor: (f(x + h) - f(x - h)) / 2h, error O(h^2).
 * `tensor` is changed in place while `evaluate` runs and restored after.
 */
export function numericGradient(
  evaluate: () => number,
  tensor: Float64Array,
  indices?: readonly number[],
): Float64Array {
  const step = 1e-5;
  const places = indices ?? Array.from(tensor.keys());
  return Float64Array.from(places, (index) => {
    const before = tensor[index] as number;
    tensor[index] = before + step;
    const above = evaluate();
    tensor[index] = before - step;
    const below = evaluate();
    tensor[index] = before;
    return (above - below) / (2 * step);
  });
}

/** Up to `most` places spread over a tensor, always with its first and last. */
export function spreadIndices(count: number, most: number): number[] {
  if (count <= most) return Array.from({ length: count }, (_, index) => index);
  return Array.from({ length: most }, (_, index) => Math.round((index * (count - 1)) / (most - 1)));
}

/** Largest |a - b| / max(1, |a|, |b|). */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let index = 0; index < a.length; index += 1) {
    const [left, right] = [a[index] as number, b[index] as number];
    const difference = Math.abs(left - right) / Math.max(1, Math.abs(left), Math.abs(right));
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  }
  return largest;
}
