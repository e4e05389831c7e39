import { elementCount } from '../graph/elements.js';
import type { KernelContext, ReferenceTensor } from '../ops/reference-kernel.js';
import { references } from '../ops/references.js';
import type { LaneProgram, Roles, Value } from './program.js';

/** Tensors that the program does not compute itself. */
const givenKinds = new Set<Value['kind']>(['input', 'label', 'parameter', 'buffer']);

/**
 * Runs a lane program in float64 with the reference kernels. Slow and plain: it is what native execution is compared with.
 *
 * @param given values of kind input, label, parameter and buffer, by name; input [n,...], label [n] as numbers
 * @param options.calls how many calls to run; `program.forwardCalls` for the loss alone
 * @returns every value of the program by its id
 */
export function interpretProgram(
  program: LaneProgram,
  given: ReadonlyMap<string, Float64Array>,
  context: KernelContext,
  options: { readonly calls?: number } = {},
): ReferenceTensor[] {
  const tensors = program.values.map((value): ReferenceTensor => {
    if (!givenKinds.has(value.kind)) return { data: new Float64Array(elementCount(value.shape)), shape: value.shape };
    const data = given.get(value.name);
    if (data?.length !== elementCount(value.shape)) {
      throw new Error(`'${value.name}' needs ${elementCount(value.shape)} elements, got ${data?.length ?? 'none'}`);
    }
    return { data, shape: value.shape };
  });
  const pick = (roles: Roles): Record<string, ReferenceTensor> =>
    Object.fromEntries(Object.entries(roles).map(([role, id]) => [role, tensorById(tensors, id)]));
  for (const { kernel, node, inputs, outputs, attributes } of program.calls.slice(0, options.calls)) {
    const reference = references.get(kernel);
    if (reference === undefined) throw new Error(`there is no reference for the kernel '${kernel}'`);
    reference({ node, inputs: pick(inputs), outputs: pick(outputs), attributes, context });
  }
  return tensors;
}

function tensorById(tensors: readonly ReferenceTensor[], id: number): ReferenceTensor {
  const tensor = tensors[id];
  if (tensor === undefined) throw new Error(`the program has no value ${id}`);
  return tensor;
}
