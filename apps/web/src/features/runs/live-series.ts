import type { MetricNumber, MetricSeries } from '@lockstep/contracts';
import { nonFiniteField, nonFiniteOf } from './non-finite.js';

/**
 * A series with points that came after it; those that are in already are left out. Null where steps were computed again: only
 * the server knows which of them count.
 */
export function withPoints(
  before: MetricSeries | undefined,
  { name, labels, steps, values }: Pick<MetricSeries, 'name' | 'labels' | 'steps' | 'values'>,
): MetricSeries | null {
  const lastStep = before?.steps.at(-1) ?? -1;
  const isNew = steps.map((step) => step > lastStep);
  if (isNew.some((each, index) => !each && !hasPoint(before, steps[index], values[index]))) return null;
  const addedSteps = steps.filter((_, index) => isNew[index]);
  const added = values.filter((_, index) => isNew[index]);
  const broken = addedSteps.filter((_, index) => typeof added[index] === 'string');
  return {
    name,
    labels,
    unit: before?.unit ?? null,
    steps: [...(before?.steps ?? []), ...addedSteps],
    values: [...(before?.values ?? []), ...added],
    min: [...(before?.min ?? []), ...added],
    max: [...(before?.max ?? []), ...added],
    pointCount: (before?.pointCount ?? 0) + added.length,
    ...nonFiniteField([...nonFiniteOf(before), ...broken.map((step) => [step, 1] as const)]),
  };
}

/** Whether a series has exactly this point: it was contained in what was read as a whole. */
function hasPoint(
  series: MetricSeries | undefined,
  step: number | undefined,
  value: MetricNumber | undefined,
): boolean {
  if (series === undefined || series.pointCount !== series.steps.length) return false;
  const index = series.steps.lastIndexOf(step ?? -1);
  return index >= 0 && series.values[index] === value;
}
