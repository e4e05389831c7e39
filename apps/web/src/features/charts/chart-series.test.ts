import { expect, it } from 'vitest';
import { isMarkedAt, joinSeries, plotted, smooth } from './chart-series.js';

it('keeps a gap where a number is not finite', () => {
  expect(plotted([1, 'NaN', 2])).toEqual([1, null, 2]);
});

it('tells beside a name whether the value there, or the last one, is not finite', () => {
  const line = { x: [1, 3, 5], nonFinite: [3] };
  expect([null, 0, 1, 3, 4, 5].map((at) => isMarkedAt(line, at))).toEqual([false, false, false, true, true, false]);
  expect(isMarkedAt({ x: [1, 3], nonFinite: [3] }, null)).toBe(true);
  expect(isMarkedAt({ x: [] }, null)).toBe(false);
});

it('smooths without leaning to zero at the start, and over gaps', () => {
  expect(smooth([4, 4, null, 4], 0.9)).toEqual([4, expect.closeTo(4, 12), null, expect.closeTo(4, 12)]);
  expect(smooth([1, 3], 0)).toEqual([1, 3]);
});

it('joins lines that have different steps', () => {
  const joined = joinSeries([
    { x: [1, 3], y: [10, 30] },
    { x: [2, 3], y: [null, 7] },
  ]);
  expect(joined).toEqual([
    [1, 2, 3],
    [10, undefined, 30],
    [undefined, null, 7],
  ]);
});
