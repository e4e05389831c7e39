import { adamScalars } from './adam-scalars.js';

export interface AdamSettings {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

/**
 * One step of Adam, in float32 with every operation rounded, exactly as the native kernel does it:
 * g += weightDecay * w; m = beta1 * m + (1-beta1) * g; v = beta2 * v + ((1-beta2) * g) * g;
 * w -= (stepSize * m) / (sqrt(v) / denominatorScale + epsilon). Kingma and Ba, 2014, in Torch's form. 1-beta is computed in
 * float64 and rounded; without weight decay that operation does not take place.
 *
 * @param parameter, m, v changed in place
 * @param step global step, 0-based
 */
export function adamUpdate(
  parameter: Float32Array,
  gradient: Float32Array,
  m: Float32Array,
  v: Float32Array,
  settings: AdamSettings,
  step: number,
): void {
  const f = Math.fround;
  const { stepSize, denominatorScale } = adamScalars(settings, step);
  const [beta1, beta2, epsilon, weightDecay] = [
    f(settings.beta1),
    f(settings.beta2),
    f(settings.epsilon),
    f(settings.weightDecay),
  ];
  const [oneMinusBeta1, oneMinusBeta2] = [f(1 - settings.beta1), f(1 - settings.beta2)];
  for (const [index, weight] of parameter.entries()) {
    let g = gradient[index] as number;
    if (weightDecay !== 0) g = f(g + f(weightDecay * weight));
    const first = f(f(beta1 * (m[index] as number)) + f(oneMinusBeta1 * g));
    const second = f(f(beta2 * (v[index] as number)) + f(f(oneMinusBeta2 * g) * g));
    m[index] = first;
    v[index] = second;
    const denominator = f(f(f(Math.sqrt(second)) / denominatorScale) + epsilon);
    parameter[index] = f(weight - f(f(stepSize * first) / denominator));
  }
}
