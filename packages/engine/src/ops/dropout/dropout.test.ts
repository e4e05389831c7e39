import { describe, expect, it } from 'vitest';
import { inferLayer } from '../infer-layer.js';
import { runReference, tensor } from '../run-reference.js';

const rate = 0.25;
const elements = 4000;

function forward(sampleIndices: number[], step: number, seed = 3): number[] {
  const shape = [sampleIndices.length, elements];
  const x = tensor(shape, new Array<number>(sampleIndices.length * elements).fill(1));
  return runReference('dropout.forward', { x }, { y: shape }, { rate }, { sampleIndices, step, seed }).y ?? [];
}

describe('dropout', () => {
  it('keeps any shape', () => {
    expect(inferLayer({ op: 'dropout', rate }, [2, 3]).shape).toEqual([2, 3]);
  });

  it('drops its share and scales the rest', () => {
    const y = forward([5], 0);
    const dropped = y.filter((value) => value === 0).length;
    expect(dropped / elements).toBeGreaterThan(0.22);
    expect(dropped / elements).toBeLessThan(0.28);
    expect(new Set(y)).toEqual(new Set([0, Math.fround(1 / 0.75)]));
  });

  it('masks a sample in the same way in any row of any lane', () => {
    expect(forward([8, 5], 2).slice(elements)).toEqual(forward([5], 2));
  });

  it('differs by sample (all 64 bits of its index), step and seed', () => {
    const masks = [forward([5], 0), forward([6], 0), forward([5 + 2 ** 32], 0), forward([5], 1), forward([5], 0, 4)];
    expect(new Set(masks.map((mask) => mask.join())).size).toBe(masks.length);
  });

  it('masks the gradient as the result', () => {
    const context = { sampleIndices: [5], step: 9, seed: 3 };
    const dy = tensor([1, elements], new Array<number>(elements).fill(1));
    expect(runReference('dropout.grad', { dy }, { dx: [1, elements] }, { rate }, context).dx).toEqual(forward([5], 9));
  });
});
