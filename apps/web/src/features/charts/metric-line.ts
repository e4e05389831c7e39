import type { MetricSeries } from '@lockstep/contracts';
import { formatCount } from '../../ui/format.js';
import { type ChartSeries, plotted } from './chart-series.js';

/**
 * What a chart draws of a series: its points, their extremes where they stand for many, and marks where not all of what they
 * stand for is finite.
 *
 * @param x places of its steps
 */
export function metricLine(
  { steps, values, min, max, pointCount, nonFinite }: MetricSeries,
  x: readonly number[],
): Pick<ChartSeries, 'x' | 'y' | 'nonFinite' | 'band'> {
  const broken = new Set(nonFinite?.steps);
  return {
    x,
    y: plotted(values),
    nonFinite: x.filter((_, index) => broken.has(steps[index] ?? -1)),
    ...(pointCount > steps.length ? { band: { min: plotted(min), max: plotted(max) } } : {}),
  };
}

/** How many recorded values of series are not finite, in words; nothing where all are. */
export function nonFiniteNote(series: readonly MetricSeries[]): string {
  const count = series.flatMap(({ nonFinite }) => nonFinite?.counts ?? []).reduce((sum, each) => sum + each, 0);
  return count === 0 ? '' : `${formatCount(count)} not finite (✕)`;
}
