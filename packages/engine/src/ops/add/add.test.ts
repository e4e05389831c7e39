import { describe, expect, it } from 'vitest';
import { inferLayer } from '../infer-layer.js';
import { runReference, tensor } from '../run-reference.js';

describe('add', () => {
  it('takes two equal shapes, without broadcasting', () => {
    expect(inferLayer({ op: 'add' }, [2, 3], [2, 3]).shape).toEqual([2, 3]);
    expect(() => inferLayer({ op: 'add' }, [2, 3], [3])).toThrow(/got \[2, 3\] from 'x0' and \[3\] from 'x1'/);
  });

  it('adds', () => {
    const inputs = { a: tensor([1, 2], [1, 2]), b: tensor([1, 2], [10, 20]) };
    expect(runReference('add.forward', inputs, { y: [1, 2] }).y).toEqual([11, 22]);
  });
});
