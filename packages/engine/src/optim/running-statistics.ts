/**
 * Moves the running statistics of batch norm after a step, in float32 with every operation rounded:
 * running = (1 - momentum) * running + momentum * (sum / count), 1 - momentum computed in float64 and rounded.
 *
 * @param running changed in place; [channels]
 * @param sums batchMean or batchVariance summed over lanes; [channels]
 * @param count samples of the lanes that gave statistics; with none, nothing changes
 */
export function updateRunningStatistics(
  running: Float32Array,
  sums: Float32Array,
  count: number,
  momentum: number,
): void {
  if (count === 0) return;
  const f = Math.fround;
  const [keep, take, divisor] = [f(1 - momentum), f(momentum), f(count)];
  for (const [channel, before] of running.entries()) {
    running[channel] = f(f(keep * before) + f(take * f((sums[channel] as number) / divisor)));
  }
}
