import type { Attributes, Shape } from '../graph/types.js';

/** A tensor in float64, row-major. */
export interface ReferenceTensor {
  readonly data: Float64Array;
  readonly shape: Shape;
}

/** What a step gives to its kernels beside tensors. */
export interface KernelContext {
  /** 1 / true size of the global batch: gradients are those of the mean loss. */
  readonly gradientScale: number;
  /** Global step, 0-based. */
  readonly step: number;
  /** Dataset index of each row of the micro-batch. */
  readonly sampleIndices: readonly number[];
  readonly seed: number;
}

export interface ReferenceCall {
  readonly node: string;
  readonly inputs: Readonly<Record<string, ReferenceTensor>>;
  /** Zeros of the right shape; the kernel fills them. */
  readonly outputs: Readonly<Record<string, ReferenceTensor>>;
  readonly attributes: Attributes;
  readonly context: KernelContext;
}

/** A kernel as one would write it on paper, in float64. The native kernel of the same name must agree with it. */
export type ReferenceKernel = (call: ReferenceCall) => void;

export type ReferenceKernels = Readonly<Record<string, ReferenceKernel>>;

/** The tensor of a role that the kernel cannot do without. */
export function tensorOf(tensors: Readonly<Record<string, ReferenceTensor>>, role: string): ReferenceTensor {
  const tensor = tensors[role];
  if (tensor === undefined) throw new Error(`the call has no tensor for the role '${role}'`);
  return tensor;
}

export function numberOf(attributes: Attributes, name: string): number {
  const value = attributes[name];
  if (typeof value !== 'number') throw new Error(`the call has no number for the attribute '${name}'`);
  return value;
}

/** [height, width] of a window attribute. */
export function pairOf(attributes: Attributes, name: string): readonly [number, number] {
  const value = attributes[name];
  if (typeof value === 'object' && value.length === 2) return [value[0] as number, value[1] as number];
  throw new Error(`the call has no pair for the attribute '${name}'`);
}

/** Element `index` of a tensor; reading outside of it is a mistake of the kernel. */
export function at(tensor: ReferenceTensor, index: number): number {
  const value = tensor.data[index];
  if (value === undefined) throw new Error(`index ${index} is outside of [${tensor.shape.join(', ')}]`);
  return value;
}

export function addTo(tensor: ReferenceTensor, index: number, value: number): void {
  tensor.data[index] = at(tensor, index) + value;
}

/** Size of an axis. */
export function sizeOf(tensor: ReferenceTensor, axis: number): number {
  const size = tensor.shape[axis];
  if (size === undefined) throw new Error(`[${tensor.shape.join(', ')}] has no axis ${axis}`);
  return size;
}
