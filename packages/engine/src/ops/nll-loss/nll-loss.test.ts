import { describe, expect, it } from 'vitest';
import { runReference, tensor } from '../run-reference.js';

describe('nllLoss', () => {
  it('sums losses and counts rows whose first maximum is the label', () => {
    const logProbabilities = tensor([3, 3], [-1, -1, -5, -5, -1, -1, -3, -2, -1]);
    const { sums } = runReference(
      'nllLoss.forward',
      { logProbabilities, label: tensor([3], [0, 2, 2]) },
      { sums: [2] },
    );
    expect(sums).toEqual([3, 2]);
  });

  it('has the gradient -gradientScale at the label', () => {
    const outputs = { dlogProbabilities: [2, 3] };
    const context = { gradientScale: 0.125 };
    const { dlogProbabilities } = runReference('nllLoss.grad', { label: tensor([2], [2, 0]) }, outputs, {}, context);
    expect(dlogProbabilities).toEqual([0, 0, -0.125, -0.125, 0, 0]);
  });
});
