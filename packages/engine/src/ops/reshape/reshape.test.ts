import { describe, expect, it } from 'vitest';
import { inferLayer } from '../infer-layer.js';
import { runReference, tensor } from '../run-reference.js';

describe('reshape', () => {
  it('keeps the number of elements', () => {
    expect(inferLayer({ op: 'reshape', shape: [3, 2] }, [6]).shape).toEqual([3, 2]);
    expect(() => inferLayer({ op: 'reshape', shape: [4, 2] }, [6])).toThrow(
      /a shape of 6 elements.*got \[4, 2\] with 8/,
    );
  });

  it('keeps the order of elements', () => {
    const { y } = runReference('reshape.forward', { x: tensor([1, 2, 2], [1, 2, 3, 4]) }, { y: [1, 4] });
    expect(y).toEqual([1, 2, 3, 4]);
  });
});
