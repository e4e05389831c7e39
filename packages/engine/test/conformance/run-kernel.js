import { elementCount } from '../../src/graph/elements.js';
import { references } from '../../src/ops/references.js';
/** A tensor from its shape and elements. */
export function tensor(shape, data) {
  if (elementCount(shape) !== data.length) throw new Error(`${data.length} elements for [${shape.join(', ')}]`);
  return { data: Float64Array.from(data), shape };
}
/** Runs one reference kernel and gives its outputs as plain lists. */
export function runKernel(kernel, inputs, outputShapes, attributes = {}, context = {}) {
  const outputs = Object.fromEntries(
    Object.entries(outputShapes).map(([role, shape]) => [role, { data: new Float64Array(elementCount(shape)), shape }]),
  );
  const reference = references.get(kernel);
  if (reference === undefined) throw new Error(`no reference '${kernel}'`);
  reference({
    node: 'node',
    inputs,
    outputs,
    attributes,
    context: { gradientScale: 1, step: 0, sampleIndices: [], seed: 1, ...context },
  });
  return Object.fromEntries(Object.entries(outputs).map(([role, { data }]) => [role, [...data]]));
}
//# sourceMappingURL=run-kernel.js.map
