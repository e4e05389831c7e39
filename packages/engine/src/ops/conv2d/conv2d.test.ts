import { describe, expect, it } from 'vitest';
import { inferLayer } from '../infer-layer.js';
import { runReference, tensor } from '../run-reference.js';

describe('conv2d', () => {
  it('slides a kernel over the padded image, as floor((size + 2p - k) / s) + 1 places', () => {
    const inferred = inferLayer(
      { op: 'conv2d', outChannels: 3, kernel: [3, 2], stride: [2, 1], padding: [1, 0] },
      [2, 7, 5],
    );
    expect(inferred.shape).toEqual([3, 4, 4]);
    expect(inferred.parameters.map(({ shape }) => shape)).toEqual([[3, 2, 3, 2], [3]]);
    expect(inferred.flops).toBe(48 * 25);
  });

  it('correlates, it does not flip the kernel', () => {
    const inputs = {
      x: tensor([1, 1, 2, 3], [1, 2, 3, 4, 5, 6]),
      weight: tensor([1, 1, 1, 2], [10, 1]),
      bias: tensor([1], [0.5]),
    };
    const attributes = { kernel: [1, 2], stride: [1, 1], padding: [0, 0] };
    const { y } = runReference('conv2d.forward', inputs, { y: [1, 1, 2, 2] }, attributes);
    expect(y).toEqual([12.5, 23.5, 45.5, 56.5]);
  });

  it('has no bias if none is asked for', () => {
    expect(inferLayer({ op: 'conv2d', outChannels: 3, kernel: 1, bias: false }, [2, 1, 1]).parameters).toHaveLength(1);
  });

  it.each([
    [{ kernel: 3 }, [4], /\[channels, height, width\], got \[4\]/],
    [{ kernel: 3 }, [1, 2, 9], /height plus padding is at least the kernel's 3/],
    [{ kernel: 3, padding: 3 }, [1, 9, 9], /padding smaller than the kernel \[3, 3\], got \[3, 3\]/],
  ])('refuses %j over %j', (attributes, shape, message) => {
    expect(() => inferLayer({ op: 'conv2d', outChannels: 1, ...attributes }, shape)).toThrow(message);
  });
});
