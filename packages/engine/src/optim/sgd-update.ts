/** Numbers of one step; each is rounded to float32 before use. */
export interface SgdSettings {
  readonly learningRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
}

/**
 * One step of stochastic gradient descent, in float32 with every operation rounded, exactly as the native kernel does it:
 * g += weightDecay * w; v = momentum * v + g; w -= learningRate * v. After Sutskever et al., "On the importance of
 * initialization and momentum in deep learning", 2013, in Torch's form. Without weight decay or momentum that operation
 * does not take place (it is not an addition of zero); without momentum there is no velocity.
 *
 * @param parameter changed in place
 * @param velocity changed in place; null exactly if the momentum is 0
 */
export function sgdUpdate(
  parameter: Float32Array,
  gradient: Float32Array,
  velocity: Float32Array | null,
  settings: SgdSettings,
): void {
  const f = Math.fround;
  const [learningRate, momentum, weightDecay] = [
    f(settings.learningRate),
    f(settings.momentum),
    f(settings.weightDecay),
  ];
  for (const [index, weight] of parameter.entries()) {
    let direction = gradient[index] as number;
    if (weightDecay !== 0) direction = f(direction + f(weightDecay * weight));
    if (velocity !== null) {
      direction = f(f(momentum * (velocity[index] as number)) + direction);
      velocity[index] = direction;
    }
    parameter[index] = f(weight - f(learningRate * direction));
  }
}
