import { elementCount } from './elements.js';
import type { Inferred } from './shape-rule.js';
import type { Attributes, Shape } from './types.js';

/** The rule of ops that keep the shape and have no parameters; `cost` is operations an element. */
export function elementwiseShape(input: Shape, cost: number, attributes: Attributes = {}): Inferred {
  return {
    shape: input,
    attributes,
    parameters: [],
    buffers: [],
    flops: cost * elementCount(input),
  };
}
