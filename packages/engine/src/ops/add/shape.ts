import { formatShape } from '../../graph/elements.js';
import { elementwiseShape } from '../../graph/elementwise-shape.js';
import { refuseNode } from '../../graph/graph-error.js';
import type { ShapeRule } from '../../graph/shape-rule.js';

/** Two equal shapes -> the same shape: a + b, without broadcasting. */
export const addShape: ShapeRule<'add'> = {
  op: 'add',
  arity: 2,
  infer(node, inputShapes) {
    const [a = [], b = []] = inputShapes;
    if (formatShape(a) !== formatShape(b)) {
      throw refuseNode(node, {
        expected: 'two inputs of the same shape',
        got: `${formatShape(a)} from '${node.inputs[0]}' and ${formatShape(b)} from '${node.inputs[1]}'`,
        fix: 'bring one to the shape of the other, for example by a conv2d with a 1x1 kernel and the same stride',
      });
    }
    return elementwiseShape(a, 1);
  },
};
