import { describe, expect, it } from 'vitest';
import { inferLayer } from '../infer-layer.js';
import { runReference, tensor } from '../run-reference.js';

describe('linear', () => {
  it('maps features to features', () => {
    const { shape, parameters } = inferLayer({ op: 'linear', outFeatures: 3 }, [4]);
    expect(shape).toEqual([3]);
    expect(parameters).toEqual([
      { name: 'node.weight', shape: [3, 4], init: { kind: 'uniform', bound: 0.5 } },
      { name: 'node.bias', shape: [3], init: { kind: 'uniform', bound: 0.5 } },
    ]);
  });

  it('computes x W^T + b', () => {
    const inputs = { x: tensor([2, 2], [1, 2, 3, 4]), weight: tensor([1, 2], [10, 1]), bias: tensor([1], [0.5]) };
    expect(runReference('linear.forward', inputs, { y: [2, 1] }).y).toEqual([12.5, 34.5]);
  });

  it('refuses maps', () => {
    expect(() => inferLayer({ op: 'linear', outFeatures: 3 }, [1, 2, 2])).toThrow(
      /\[features\], got \[1, 2, 2\].*flatten/,
    );
  });
});
