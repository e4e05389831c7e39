import { describe, expect, it } from 'vitest';
import { inferLayer } from '../infer-layer.js';
import { runReference, tensor } from '../run-reference.js';

describe('relu', () => {
  it('keeps any shape', () => {
    expect(inferLayer({ op: 'relu' }, [2, 3, 4, 5]).shape).toEqual([2, 3, 4, 5]);
  });

  it('passes NaN on', () => {
    expect(runReference('relu.forward', { x: tensor([1, 1], [Number.NaN]) }, { y: [1, 1] }).y).toEqual([Number.NaN]);
  });

  it('is max(x, 0), with derivative 0 at 0', () => {
    const { y } = runReference('relu.forward', { x: tensor([1, 4], [-2, 0, 3, -0]) }, { y: [1, 4] });
    expect(y).toEqual([0, 0, 3, 0]);
    const { dx } = runReference(
      'relu.grad',
      { y: tensor([1, 3], [0, 0, 3]), dy: tensor([1, 3], [5, 6, 7]) },
      { dx: [1, 3] },
    );
    expect(dx).toEqual([0, 0, 7]);
  });
});
