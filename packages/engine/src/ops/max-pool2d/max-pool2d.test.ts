import { describe, expect, it } from 'vitest';
import { inferLayer } from '../infer-layer.js';
import { runReference, tensor } from '../run-reference.js';

describe('maxPool2d', () => {
  it('steps by the kernel unless told otherwise and leaves the rest', () => {
    expect(inferLayer({ op: 'maxPool2d', kernel: [2, 3] }, [4, 5, 7]).shape).toEqual([4, 2, 2]);
  });

  it('lets the first maximum of a window win', () => {
    const attributes = { kernel: [2, 2], stride: [2, 2], padding: [0, 0] };
    const x = tensor([1, 1, 2, 4], [1, 5, -3, -3, 5, 5, -3, -3]);
    const forward = runReference('maxPool2d.forward', { x }, { y: [1, 1, 1, 2], workspace: [1, 1, 1, 2] }, attributes);
    expect(forward).toEqual({ y: [5, -3], workspace: [1, 2] });
    const inputs = { dy: tensor([1, 1, 1, 2], [7, 8]), workspace: tensor([1, 1, 1, 2], [1, 2]) };
    const { dx } = runReference('maxPool2d.gradData', inputs, { dx: [1, 1, 2, 4] }, attributes);
    expect(dx).toEqual([0, 7, 8, 0, 0, 0, 0, 0]);
  });

  it('never lets padding win', () => {
    const attributes = { kernel: [2, 2], stride: [2, 2], padding: [1, 1] };
    const x = tensor([1, 1, 2, 2], [-1, -2, -3, -4]);
    const { y } = runReference('maxPool2d.forward', { x }, { y: [1, 1, 2, 2], workspace: [1, 1, 2, 2] }, attributes);
    expect(y).toEqual([-1, -2, -3, -4]);
  });

  it('refuses padding above half the kernel', () => {
    expect(() => inferLayer({ op: 'maxPool2d', kernel: 3, padding: 2 }, [1, 9, 9])).toThrow(/at most half the kernel/);
  });
});
