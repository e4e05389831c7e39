/** What one step of Adam computes once, for all elements. Both are float32 values. */
export interface AdamScalars {
  /** learningRate / (1 - beta1^t) */
  readonly stepSize: number;
  /** sqrt(1 - beta2^t) */
  readonly denominatorScale: number;
}

/**
 * Bias corrections of step t = `step` + 1, in float64, rounded once at the end. Kingma and Ba, "Adam: a method for
 * stochastic optimization", 2014, algorithm 1.
 *
 * @param step global step, 0-based
 */
export function adamScalars(
  settings: { readonly learningRate: number; readonly beta1: number; readonly beta2: number },
  step: number,
): AdamScalars {
  return {
    stepSize: Math.fround(Math.fround(settings.learningRate) / (1 - integerPower(settings.beta1, step + 1))),
    denominatorScale: Math.fround(Math.sqrt(1 - integerPower(settings.beta2, step + 1))),
  };
}

/** base^exponent by repeated squaring: only products, so the bits are the same everywhere, which a library's pow does not promise. */
export function integerPower(base: number, exponent: number): number {
  let result = 1;
  let square = base;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}
