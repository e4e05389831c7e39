import { formatShape } from '../../graph/elements.js';
import { elementwiseShape } from '../../graph/elementwise-shape.js';
import { refuseNode } from '../../graph/graph-error.js';
import type { ShapeRule } from '../../graph/shape-rule.js';

/** [classes] -> [classes]: x - log(sum(exp x)). */
export const logSoftmaxShape: ShapeRule<'logSoftmax'> = {
  op: 'logSoftmax',
  arity: 1,
  infer(node, inputShapes) {
    const input = inputShapes[0] ?? [];
    if (input.length !== 1) {
      throw refuseNode(node, {
        expected: 'an input of shape [classes]',
        got: `${formatShape(input)} from '${node.inputs[0]}'`,
        fix: 'put a flatten and a linear layer before it',
      });
    }
    return elementwiseShape(input, 25);
  },
};
