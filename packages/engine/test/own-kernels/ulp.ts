const smallestNormal = 2 ** -126;

/** Distance of two float32 bit patterns that follow each other at a value; results below the normal numbers are flushed. */
function unitInLastPlace(value: number): number {
  const magnitude = Math.abs(value);
  if (magnitude < smallestNormal) return smallestNormal;
  return 2 ** (Math.floor(Math.log2(magnitude)) - 23);
}

/** |got - exact| in units in the last place of the exact value; 0 where both are the same infinity or NaN. */
export function ulpError(got: number, exact: number): number {
  if (Object.is(got, exact) || (Number.isNaN(got) && Number.isNaN(exact))) return 0;
  if (!Number.isFinite(got)) return Math.fround(exact) === got ? 0 : Number.POSITIVE_INFINITY;
  return Math.abs(got - exact) / unitInLastPlace(exact);
}

/** The worst error of a kernel over inputs, and where. */
export function worstError(
  x: Float32Array,
  got: Float32Array,
  exact: (x: number) => number,
): { ulp: number; x: number; got: number } {
  let worst = { ulp: 0, x: Number.NaN, got: Number.NaN };
  for (const [index, value] of x.entries()) {
    const ulp = ulpError(got[index] as number, exact(value));
    if (!(ulp <= worst.ulp)) worst = { ulp, x: value, got: got[index] as number };
  }
  return worst;
}

/** Every `stride`-th float32 with bit pattern in [from, to], both signs. */
export function floatsBetween(from: number, to: number, stride: number): Float32Array {
  const bits = new Uint32Array(1);
  const value = new Float32Array(bits.buffer);
  const patternOf = (x: number): number => {
    value[0] = x;
    return bits[0] as number;
  };
  const [first, last] = [patternOf(from), patternOf(to)];
  const patterns: number[] = [];
  for (let pattern = first; pattern <= last; pattern += stride) patterns.push(pattern, pattern + 2 ** 31);
  patterns.push(last, last + 2 ** 31);
  return new Float32Array(Uint32Array.from(patterns).buffer);
}
