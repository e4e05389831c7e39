import { describe, expect, it } from 'vitest';
import { inferLayer } from '../infer-layer.js';
import { runReference, tensor } from '../run-reference.js';

describe('logSoftmax', () => {
  it('takes [classes] only', () => {
    expect(inferLayer({ op: 'logSoftmax' }, [10]).shape).toEqual([10]);
    expect(() => inferLayer({ op: 'logSoftmax' }, [10, 1, 1])).toThrow(/\[classes\], got \[10, 1, 1\]/);
  });

  it('is finite for large inputs', () => {
    const { y } = runReference('logSoftmax.forward', { x: tensor([2, 2], [1e4, 0, -1e4, -1e4]) }, { y: [2, 2] });
    expect(y?.[0]).toBe(0);
    expect(y?.[1]).toBe(-1e4);
    expect(y?.[2]).toBeCloseTo(-Math.LN2, 12);
  });
});
