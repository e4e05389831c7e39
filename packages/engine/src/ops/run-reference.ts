import { elementCount } from '../graph/elements.js';
import type { Attributes, Shape } from '../graph/types.js';
import type { KernelContext, ReferenceTensor } from './reference-kernel.js';
import { references } from './references.js';

/** A tensor from its shape and elements. */
export function tensor(shape: Shape, data: readonly number[]): ReferenceTensor {
  if (elementCount(shape) !== data.length) throw new Error(`${data.length} elements for [${shape.join(', ')}]`);
  return { data: Float64Array.from(data), shape };
}

/** Runs one reference kernel and gives its outputs as plain lists. */
export function runReference(
  kernel: string,
  inputs: Record<string, ReferenceTensor>,
  outputShapes: Record<string, Shape>,
  attributes: Attributes = {},
  context: Partial<KernelContext> = {},
): Record<string, number[]> {
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
