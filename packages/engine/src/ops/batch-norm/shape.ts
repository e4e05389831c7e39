import { elementCount, formatShape } from '../../graph/elements.js';
import { refuseNode } from '../../graph/graph-error.js';
import type { ShapeRule } from '../../graph/shape-rule.js';

/** [C,H,W] -> [C,H,W] or [C] -> [C]; parameters scale, shift [C]; buffers runningMean, runningVariance [C]. */
export const batchNormShape: ShapeRule<'batchNorm'> = {
  op: 'batchNorm',
  arity: 1,
  infer(node, inputShapes) {
    const input = inputShapes[0] ?? [];
    const [channels] = input;
    if ((input.length !== 1 && input.length !== 3) || channels === undefined) {
      throw refuseNode(node, {
        expected: 'an input of shape [channels, height, width] or [features]',
        got: `${formatShape(input)} from '${node.inputs[0]}'`,
        fix: 'put a reshape or flatten before it',
      });
    }
    const constant = (role: string, value: number) => ({
      name: `${node.name}.${role}`,
      shape: [channels],
      init: { kind: 'constant' as const, value },
    });
    return {
      shape: input,
      attributes: {
        epsilon: node.epsilon ?? 1e-5,
        momentum: node.momentum ?? 0.1,
      },
      parameters: [constant('scale', 1), constant('shift', 0)],
      buffers: [constant('runningMean', 0), constant('runningVariance', 1)],
      flops: 10 * elementCount(input),
    };
  },
};
