import type { MetricSeries } from '@lockstep/contracts';

type Entry = readonly [step: number, count: number];

/** Where a series has values that are not finite, and how many there. */
export function nonFiniteOf(series: MetricSeries | undefined): Entry[] {
  const { steps = [], counts = [] } = series?.nonFinite ?? {};
  return steps.map((step, index) => [step, counts[index] ?? 0]);
}

/** The field of a series; it is left out where there is nothing to tell. */
export function nonFiniteField(entries: readonly Entry[]): Pick<MetricSeries, 'nonFinite'> {
  if (entries.length === 0) return {};
  return { nonFinite: { steps: entries.map(([step]) => step), counts: entries.map(([, count]) => count) } };
}
