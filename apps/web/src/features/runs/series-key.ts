import type { MetricSeries } from '@lockstep/contracts';

/** The same for the same series of a run. */
export function seriesKey({ name, labels }: Pick<MetricSeries, 'name' | 'labels'>): string {
  return `${name} ${JSON.stringify(labels)}`;
}
