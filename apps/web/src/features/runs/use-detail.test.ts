import type { MetricSeries } from '@lockstep/contracts';
import { expect, it } from 'vitest';
import { withDetail } from './use-detail.js';

const series = (steps: number[], value: number): MetricSeries => ({
  name: 'train/loss',
  labels: {},
  unit: null,
  steps,
  values: steps.map(() => value),
  min: steps.map(() => value),
  max: steps.map(() => value),
  pointCount: 100,
});

it('puts finer points between coarse ones', () => {
  const [joined] = withDetail([series([10, 20, 30, 40], 1)], {
    from: 15,
    to: 32,
    series: [series([16, 20, 24, 28, 32], 2)],
  });
  expect(joined?.steps).toEqual([10, 16, 20, 24, 28, 32, 40]);
  expect(joined?.values).toEqual([1, 2, 2, 2, 2, 2, 1]);
  expect(joined?.max.length).toBe(7);
});

it('keeps the series that have no finer points', () => {
  const coarse = [series([10, 20], 1)];
  expect(withDetail(coarse, { from: 0, to: 5, series: [] })).toEqual(coarse);
});

it('tells of finer points where they are not finite, and of coarse ones outside of them', () => {
  const coarse = { ...series([10, 20, 30, 40], 1), nonFinite: { steps: [10, 20, 40], counts: [2, 3, 1] } };
  const fine = { ...series([16, 18, 20], 2), nonFinite: { steps: [16, 18], counts: [1, 2] } };
  const [joined] = withDetail([coarse], { from: 15, to: 22, series: [fine] });
  expect(joined?.nonFinite).toEqual({ steps: [10, 16, 18, 40], counts: [2, 1, 2, 1] });
  const [whole] = withDetail([{ ...coarse, nonFinite: { steps: [20], counts: [3] } }], {
    from: 15,
    to: 22,
    series: [series([16, 18, 20], 2)],
  });
  expect(whole).not.toHaveProperty('nonFinite');
});
