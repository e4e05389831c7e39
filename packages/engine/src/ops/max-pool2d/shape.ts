import { poolShape } from '../../graph/pool-shape.js';
import type { ShapeRule } from '../../graph/shape-rule.js';

/** [C,H,W] -> [C,OH,OW]: the largest value of each window; padding never wins. */
export const maxPool2dShape: ShapeRule<'maxPool2d'> = {
  op: 'maxPool2d',
  arity: 1,
  infer: (node, inputShapes) => poolShape(node, inputShapes[0] ?? []),
};
