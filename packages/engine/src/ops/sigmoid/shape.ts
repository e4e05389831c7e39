import { elementwiseShape } from '../../graph/elementwise-shape.js';
import type { ShapeRule } from '../../graph/shape-rule.js';

/** Any shape -> the same shape: 1 / (1 + exp(-x)). */
export const sigmoidShape: ShapeRule<'sigmoid'> = {
  op: 'sigmoid',
  arity: 1,
  infer: (_node, inputShapes) => elementwiseShape(inputShapes[0] ?? [], 20),
};
