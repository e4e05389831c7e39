import { describe, expect, it } from 'vitest';
import { inferLayer } from '../infer-layer.js';
import { runReference, tensor } from '../run-reference.js';

describe('sigmoid', () => {
  it('keeps any shape', () => {
    expect(inferLayer({ op: 'sigmoid' }, [2, 3]).shape).toEqual([2, 3]);
  });

  it('saturates without NaN', () => {
    const { y } = runReference('sigmoid.forward', { x: tensor([1, 3], [-1000, 0, 1000]) }, { y: [1, 3] });
    expect(y).toEqual([0, 0.5, 1]);
  });
});
