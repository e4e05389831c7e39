import { describe, expect, it } from 'vitest';
import { groupsOf } from '../verbs/run/compact-metrics.js';
import { decodeParts, encodeParts, largestSpan } from './parts.js';

describe('parts', () => {
  it('come back as they were, in two or three bytes each', () => {
    const parts = Array.from({ length: 500 }, (_, index) => ({
      cursor: 1_000_000 + index * 3,
      points: 1 + (index % 40),
    }));
    const bytes = encodeParts(parts);
    expect(bytes.length).toBeLessThan(500 * 2 + 8);
    expect(decodeParts(bytes, { cursor: 0, points: 0 })).toEqual(parts);
  });

  it('are none where a chunk came with one batch', () => {
    const whole = { cursor: 7, points: 3 };
    expect(encodeParts([whole])).toHaveLength(0);
    expect(decodeParts(encodeParts([whole]), whole)).toEqual([whole]);
  });
});

describe('groups to join', () => {
  const chunk = (ordinal: number, points: number, cursor = ordinal) => ({ ordinal, points, cursor, span: 0 });

  it('wait until they are full, unless no more comes', () => {
    const small = Array.from({ length: 300 }, (_, index) => chunk(index, 5));
    expect(groupsOf(small, false)).toEqual([]);
    expect(groupsOf(small, true)).toEqual([[0, 299]]);
    expect(groupsOf([...small, chunk(300, 1000)], false)).toEqual([[0, 299]]);
  });

  it('leave large chunks alone', () => {
    expect(groupsOf([chunk(0, 5000), chunk(1, 2048), chunk(2, 2000), chunk(3, 60)], true)).toEqual([]);
  });

  it('never span more cursors than readers look beyond theirs', () => {
    const far = Array.from({ length: 4 }, (_, index) => chunk(index, 1, index * (largestSpan / 2)));
    expect(groupsOf(far, true)).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });
});
