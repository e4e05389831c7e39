import { elementCount } from '../../graph/elements.js';
import type { ShapeRule } from '../../graph/shape-rule.js';

/** [C,H,W] -> [C*H*W], in row-major order; any rank. Runs as the kernel reshape.forward. */
export const flattenShape: ShapeRule<'flatten'> = {
  op: 'flatten',
  arity: 1,
  infer: (_node, inputShapes) => ({
    shape: [elementCount(inputShapes[0] ?? [])],
    attributes: {},
    parameters: [],
    buffers: [],
    flops: 0,
  }),
};
