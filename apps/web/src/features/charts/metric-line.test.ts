import type { MetricSeries } from '@lockstep/contracts';
import { expect, it } from 'vitest';
import { metricLine, nonFiniteNote } from './metric-line.js';

const merged: MetricSeries = {
  name: 'train/loss',
  labels: {},
  unit: null,
  steps: [4, 8, 12],
  values: [2, 'NaN', 1],
  min: [1, 'NaN', 0.5],
  max: [3, 'NaN', 1.5],
  pointCount: 12,
  nonFinite: { steps: [8, 12], counts: [4, 1] },
};

it('marks points of which a part only is not finite', () => {
  expect(metricLine(merged, [40, 80, 120])).toEqual({
    x: [40, 80, 120],
    y: [2, null, 1],
    nonFinite: [80, 120],
    band: { min: [1, null, 0.5], max: [3, null, 1.5] },
  });
});

it('has no band where every point is one that was recorded, and marks nothing where all are finite', () => {
  const { nonFinite: _, ...finite } = { ...merged, values: [2, 3, 1], pointCount: 3 };
  expect(metricLine(finite, [4, 8, 12])).toEqual({ x: [4, 8, 12], y: [2, 3, 1], nonFinite: [] });
});

it('counts recorded values, not the points that stand for them', () => {
  expect(nonFiniteNote([merged, merged])).toBe('10 not finite (✕)');
  const { nonFinite: _, ...finite } = merged;
  expect(nonFiniteNote([finite])).toBe('');
});
