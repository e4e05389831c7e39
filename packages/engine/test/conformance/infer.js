import { shapeRules } from '../../src/ops/shape-rules.js';
/** What an op's shape rule says about one layer named `node` with inputs x0, x1 …. */
export function infer(layer, ...inputShapes) {
  const node = { ...layer, name: 'node', inputs: inputShapes.map((_, index) => `x${index}`) };
  return shapeRules[layer.op].infer(node, inputShapes);
}
//# sourceMappingURL=infer.js.map
