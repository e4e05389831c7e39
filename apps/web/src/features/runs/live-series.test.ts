import type { MetricNumber, MetricSeries } from '@lockstep/contracts';
import { expect, it } from 'vitest';
import { withPoints } from './live-series.js';

const series = (steps: number[], values: MetricNumber[], pointCount = steps.length): MetricSeries => ({
  name: 'train/loss',
  labels: {},
  unit: null,
  steps,
  values,
  min: values,
  max: values,
  pointCount,
});
const points = (steps: number[], values: MetricNumber[]) => ({ name: 'train/loss', labels: {}, steps, values });

it('begins and continues a series', () => {
  expect(withPoints(undefined, points([1, 2], [5, 4]))).toEqual(series([1, 2], [5, 4]));
  expect(withPoints(series([1, 2], [5, 4]), points([2, 3], [4, 3]))).toEqual(series([1, 2, 3], [5, 4, 3]));
});

it('counts new values that are not finite to those that were known', () => {
  const merged = { ...series([8, 16], [5, 4], 16), nonFinite: { steps: [16], counts: [3] } };
  expect(withPoints(merged, points([17, 18, 19], ['NaN', 2, 'Infinity']))).toMatchObject({
    steps: [8, 16, 17, 18, 19],
    pointCount: 19,
    nonFinite: { steps: [16, 17, 19], counts: [3, 1, 1] },
  });
  expect(withPoints(undefined, points([1], ['NaN']))?.nonFinite).toEqual({ steps: [1], counts: [1] });
});

it('counts a value once that comes a second time', () => {
  const before = { ...series([1, 2], [5, 'NaN']), nonFinite: { steps: [2], counts: [1] } };
  expect(withPoints(before, points([1, 2], [5, 'NaN']))).toEqual(before);
});

it('does not guess where steps were computed again', () => {
  expect(withPoints(series([1, 2], [5, 4]), points([2, 3], [9, 3]))).toBeNull();
  expect(withPoints(series([8, 16], [5, 4], 16), points([16, 17], [4, 3]))).toBeNull();
});
