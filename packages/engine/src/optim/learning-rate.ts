import type { OptimizerSpec, ScheduleSpec } from '@lockstep/contracts';

/**
 * Learning rate of an epoch (0-based), a float32 value. A step schedule multiplies in float64, one factor after the other,
 * and rounds once: no power function, whose last bit depends on the library.
 */
export function learningRate(
  training: { readonly optimizer: OptimizerSpec; readonly schedule: ScheduleSpec },
  epoch: number,
): number {
  let rate = training.optimizer.learningRate;
  if (training.schedule.kind === 'step') {
    for (const boundary of training.schedule.epochs) if (epoch >= boundary) rate *= training.schedule.factor;
  }
  return Math.fround(rate);
}
