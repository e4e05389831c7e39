import { elementwiseShape } from '../../graph/elementwise-shape.js';
import type { ShapeRule } from '../../graph/shape-rule.js';

/** Any shape -> the same shape: tanh x. */
export const tanhShape: ShapeRule<'tanh'> = {
  op: 'tanh',
  arity: 1,
  infer: (_node, inputShapes) => elementwiseShape(inputShapes[0] ?? [], 20),
};
