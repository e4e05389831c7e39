import { describe, expect, it } from 'vitest';
import { inferLayer } from '../infer-layer.js';
import { runReference, tensor } from '../run-reference.js';

describe('batchNorm', () => {
  const x = tensor([2, 1, 2, 1], [1, 3, 5, 7]);
  const one = tensor([1], [1]);
  const outputs = { y: [2, 1, 2, 1], mean: [1], variance: [1] };

  it('has scale 1, shift 0, running mean 0 and running variance 1 at first', () => {
    const { parameters, buffers } = inferLayer({ op: 'batchNorm' }, [6, 2, 2]);
    expect([...parameters, ...buffers].map(({ name, shape, init }) => [name, shape, init])).toEqual([
      ['node.scale', [6], { kind: 'constant', value: 1 }],
      ['node.shift', [6], { kind: 'constant', value: 0 }],
      ['node.runningMean', [6], { kind: 'constant', value: 0 }],
      ['node.runningVariance', [6], { kind: 'constant', value: 1 }],
    ]);
  });

  it('normalises by mean and biased variance over samples and places', () => {
    const { y, mean, variance } = runReference(
      'batchNorm.forwardTraining',
      { x, scale: tensor([1], [2]), shift: tensor([1], [10]) },
      outputs,
      { epsilon: 0 },
    );
    expect([mean, variance]).toEqual([[4], [5]]);
    expect(y?.[0]).toBeCloseTo(10 - (2 * 3) / Math.sqrt(5), 14);
  });

  it('gives statistics that add up over lanes: mean * n and unbiased variance * n', () => {
    const inputs = { mean: tensor([1], [4]), variance: tensor([1], [5]) };
    const attributes = { samples: 2, spatial: 2 };
    const statistics = runReference('batchNorm.statistics', inputs, { batchMean: [1], batchVariance: [1] }, attributes);
    expect(statistics.batchMean).toEqual([8]);
    expect(statistics.batchVariance?.[0]).toBeCloseTo((5 * 4 * 2) / 3, 13);
  });

  it('uses the running statistics as they are in evaluation', () => {
    const inputs = { x, scale: one, shift: tensor([1], [0]), runningMean: one, runningVariance: tensor([1], [4]) };
    expect(runReference('batchNorm.forwardRunning', inputs, { y: [2, 1, 2, 1] }, { epsilon: 0 }).y).toEqual([
      0, 1, 2, 3,
    ]);
  });

  it('refuses shapes that are neither maps nor features', () => {
    expect(() => inferLayer({ op: 'batchNorm' }, [2, 3])).toThrow(
      /\[channels, height, width\] or \[features\], got \[2, 3\]/,
    );
  });
});
