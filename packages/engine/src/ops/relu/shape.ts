import { elementwiseShape } from '../../graph/elementwise-shape.js';
import type { ShapeRule } from '../../graph/shape-rule.js';

/** Any shape -> the same shape: max(x, 0). */
export const reluShape: ShapeRule<'relu'> = {
  op: 'relu',
  arity: 1,
  infer: (_node, inputShapes) => elementwiseShape(inputShapes[0] ?? [], 1),
};
