import { elementCount } from './elements.js';
import { refuseNode } from './graph-error.js';
import type { Inferred, NodeSpecOf } from './shape-rule.js';
import type { Shape } from './types.js';
import { pair, requireImage, windowOutput } from './window.js';

/** The rule shared by both pooling ops. Stride defaults to the kernel; padding is at most half the kernel, so every window sees data. */
export function poolShape(node: NodeSpecOf<'maxPool2d'> | NodeSpecOf<'avgPool2d'>, input: Shape): Inferred {
  const [channels] = requireImage(node, input);
  const kernel = pair(node.kernel);
  const stride = pair(node.stride ?? kernel);
  const padding = pair(node.padding ?? 0);
  if (2 * padding[0] > kernel[0] || 2 * padding[1] > kernel[1]) {
    throw refuseNode(node, {
      expected: `padding of at most half the kernel [${kernel.join(', ')}]`,
      got: `[${padding.join(', ')}]`,
      fix: 'use less padding or a larger kernel',
    });
  }
  const shape = [channels, ...windowOutput(node, { kernel, stride, padding }, input)];
  return {
    shape,
    attributes: { kernel, stride, padding },
    parameters: [],
    buffers: [],
    flops: elementCount(shape) * kernel[0] * kernel[1],
  };
}
