import type { LayerSpec } from '@lockstep/contracts';
import type { Inferred, ShapeRule } from '../graph/shape-rule.js';
import type { Shape } from '../graph/types.js';
import { shapeRules } from './shape-rules.js';

/** What an op's shape rule says about one layer named `node` with inputs x0, x1 …. */
export function inferLayer(layer: LayerSpec, ...inputShapes: Shape[]): Inferred {
  const node = { ...layer, name: 'node', inputs: inputShapes.map((_, index) => `x${index}`) };
  return (shapeRules[layer.op] as ShapeRule).infer(node as never, inputShapes);
}
