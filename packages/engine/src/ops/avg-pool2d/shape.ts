import { poolShape } from '../../graph/pool-shape.js';
import type { ShapeRule } from '../../graph/shape-rule.js';

/** [C,H,W] -> [C,OH,OW]: the mean of each window; padding counts as zeros, as in Torch. */
export const avgPool2dShape: ShapeRule<'avgPool2d'> = {
  op: 'avgPool2d',
  arity: 1,
  infer: (node, inputShapes) => poolShape(node, inputShapes[0] ?? []),
};
