import type { Attributes, Shape } from '../../src/graph/types.js';
import type { KernelContext, ReferenceTensor } from '../../src/ops/reference-kernel.js';
/** A tensor from its shape and elements. */
export declare function tensor(shape: Shape, data: readonly number[]): ReferenceTensor;
/** Runs one reference kernel and gives its outputs as plain lists. */
export declare function runKernel(
  kernel: string,
  inputs: Record<string, ReferenceTensor>,
  outputShapes: Record<string, Shape>,
  attributes?: Attributes,
  context?: Partial<KernelContext>,
): Record<string, number[]>;
//# sourceMappingURL=run-kernel.d.ts.map
