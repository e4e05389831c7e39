import { describe, expect, it } from 'vitest';
import { decodePoints, encodePoints } from './points.js';

function roundTrip(steps: number[], values: number[]) {
  return decodePoints(encodePoints({ steps, values }), steps.length);
}

describe('packed points', () => {
  it.each([
    ['one point', [7], [0.1]],
    ['an even stride', [10, 20, 30, 40], [0.1, 0.2, 0.3, 0.4]],
    ['uneven steps', [0, 1, 200, 70_000, 5_000_000_000], [1, 2, 3, 4, 5]],
    ['steps that repeat or go back', [5, 5, 3, 9], [1, 2, 3, 4]],
    ['no finite number among them', [1, 2, 3, 4], [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0]],
    ['numbers of 64 bits', [1, 2], [Number.MAX_VALUE, Math.PI]],
  ])('gives back %s', (_, steps, values) => {
    expect(roundTrip(steps, values)).toEqual({ steps, values });
  });

  it('takes 4 bytes for numbers of 32 bits, 8 for others', () => {
    const steps = Array.from({ length: 1000 }, (_, index) => index * 10);
    expect(encodePoints({ steps, values: steps.map(() => 0.5) }).length).toBeLessThan(4010);
    expect(encodePoints({ steps, values: steps.map(() => 0.1) }).length).toBeLessThan(8010);
  });
});
