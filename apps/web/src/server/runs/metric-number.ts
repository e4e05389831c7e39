import type { MetricNumber } from '@lockstep/contracts';

/** JSON has no word for numbers that are not finite. */
export function toMetricNumber(value: number): MetricNumber {
  if (Number.isFinite(value)) return value;
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? 'Infinity' : '-Infinity';
}
