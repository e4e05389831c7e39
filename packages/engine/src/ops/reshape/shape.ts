import { elementCount, formatShape } from '../../graph/elements.js';
import { refuseNode } from '../../graph/graph-error.js';
import type { ShapeRule } from '../../graph/shape-rule.js';

/** Any shape -> `shape` with as many elements, in row-major order. */
export const reshapeShape: ShapeRule<'reshape'> = {
  op: 'reshape',
  arity: 1,
  infer(node, inputShapes) {
    const input = inputShapes[0] ?? [];
    if (elementCount(node.shape) !== elementCount(input)) {
      throw refuseNode(node, {
        expected: `a shape of ${elementCount(input)} elements, as many as ${formatShape(input)} from '${node.inputs[0]}'`,
        got: `${formatShape(node.shape)} with ${elementCount(node.shape)}`,
        fix: 'make the products equal',
      });
    }
    return {
      shape: [...node.shape],
      attributes: { shape: [...node.shape] },
      parameters: [],
      buffers: [],
      flops: 0,
    };
  },
};
