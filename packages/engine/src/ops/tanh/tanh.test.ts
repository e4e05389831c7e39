import { describe, expect, it } from 'vitest';
import { inferLayer } from '../infer-layer.js';
import { runReference, tensor } from '../run-reference.js';

describe('tanh', () => {
  it('keeps any shape', () => {
    expect(inferLayer({ op: 'tanh' }, [7]).shape).toEqual([7]);
  });

  it('saturates without NaN', () => {
    const { y } = runReference('tanh.forward', { x: tensor([1, 3], [-1000, 0, 1000]) }, { y: [1, 3] });
    expect(y).toEqual([-1, 0, 1]);
  });
});
