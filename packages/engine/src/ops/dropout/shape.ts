import { elementwiseShape } from '../../graph/elementwise-shape.js';
import type { ShapeRule } from '../../graph/shape-rule.js';

/** Any shape -> the same shape. In training an element is dropped with probability `rate`, the others scaled by 1/(1-rate). */
export const dropoutShape: ShapeRule<'dropout'> = {
  op: 'dropout',
  arity: 1,
  infer: (node, inputShapes) => elementwiseShape(inputShapes[0] ?? [], 2, { rate: node.rate }),
};
