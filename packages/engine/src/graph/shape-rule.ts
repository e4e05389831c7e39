import type { GraphNodeSpec, OpName } from '@lockstep/contracts';
import type { Attributes, BufferSpec, ParameterSpec, Shape } from './types.js';

export type NodeSpecOf<Op extends OpName> = Extract<GraphNodeSpec, { op: Op }>;

/** What an op's shape rule finds out about one node. */
export interface Inferred {
  readonly shape: Shape;
  readonly attributes: Attributes;
  readonly parameters: readonly ParameterSpec[];
  readonly buffers: readonly BufferSpec[];
  readonly flops: number;
}

/** The legality and shape of one op. `infer` is called with exactly `arity` input shapes and throws LockstepError. */
export interface ShapeRule<Op extends OpName = OpName> {
  readonly op: Op;
  readonly arity: number;
  infer(node: NodeSpecOf<Op>, inputShapes: readonly Shape[]): Inferred;
}

/** One rule for every op of the contract; the compiler refuses a table that misses one. */
export type ShapeRules = { readonly [Op in OpName]: ShapeRule<Op> };
