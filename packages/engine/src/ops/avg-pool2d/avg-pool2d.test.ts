import { describe, expect, it } from 'vitest';
import { inferLayer } from '../infer-layer.js';
import { runReference, tensor } from '../run-reference.js';

describe('avgPool2d', () => {
  it('keeps channels', () => {
    expect(inferLayer({ op: 'avgPool2d', kernel: 3, stride: 1, padding: 1 }, [4, 5, 7]).shape).toEqual([4, 5, 7]);
  });

  it('counts padding as zeros', () => {
    const attributes = { kernel: [2, 2], stride: [2, 2], padding: [1, 1] };
    const x = tensor([1, 1, 2, 2], [4, 8, 12, 16]);
    expect(runReference('avgPool2d.forward', { x }, { y: [1, 1, 2, 2] }, attributes).y).toEqual([1, 2, 3, 4]);
    const dy = tensor([1, 1, 2, 2], [4, 8, 12, 16]);
    expect(runReference('avgPool2d.gradData', { dy }, { dx: [1, 1, 2, 2] }, attributes).dx).toEqual([1, 2, 3, 4]);
  });

  it('refuses features', () => {
    expect(() => inferLayer({ op: 'avgPool2d', kernel: 1 }, [9])).toThrow(/\[channels, height, width\], got \[9\]/);
  });
});
