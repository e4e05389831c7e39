import { describe, expect, test } from 'vitest';
import { initialise } from './initialise.js';
import { streamKey } from './stream-key.js';

describe('streamKey', () => {
  test('depends on seed and label', () => {
    const keys = [streamKey(1, 'order'), streamKey(2, 'order'), streamKey(1, 'init/a'), streamKey(11, 'order')];
    expect(new Set(keys.map(String)).size).toBe(keys.length);
  });
});

describe('initialise', () => {
  test('stays inside the bound, is centred and has the variance of a uniform distribution', () => {
    const bound = 0.25;
    const values = initialise([40, 50, 5], { kind: 'uniform', bound }, 7, 'linear1.weight');
    expect(values.length).toBe(10_000);
    expect(Math.max(...values)).toBeLessThan(bound);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-bound);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.01);
    expect(variance).toBeCloseTo(bound ** 2 / 3, 3);
  });

  test('an element depends on its index only, not on the shape', () => {
    const long = initialise([9], { kind: 'uniform', bound: 1 }, 3, 'p');
    const short = initialise([2, 3], { kind: 'uniform', bound: 1 }, 3, 'p');
    expect([...short]).toEqual([...long.subarray(0, 6)]);
  });

  test('fills constants, and a shape of no axes has one element', () => {
    expect([...initialise([3], { kind: 'constant', value: 1 }, 1, 'scale')]).toEqual([1, 1, 1]);
    expect(initialise([], { kind: 'uniform', bound: 1 }, 1, 'scalar').length).toBe(1);
  });
});
