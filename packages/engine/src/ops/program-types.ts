import type { Attributes, Shape } from '../graph/types.js';

export type ValueKind =
  | 'input'
  | 'label'
  | 'activation'
  | 'parameter'
  | 'buffer'
  | 'parameterGradient'
  | 'statistic'
  | 'workspace'
  | 'sums';

/** A tensor of a lane program. `id` is its index in the program's values. Activations carry the batch axis first. */
export interface Value {
  readonly id: number;
  readonly name: string;
  readonly kind: ValueKind;
  readonly shape: Shape;
}

/** Ids of values by the kernel's name for them, for example { x: 3, weight: 4 }. */
export type Roles = Readonly<Record<string, number>>;

/** One call of a kernel. Every output is written whole and by this call only. */
export interface KernelCall {
  readonly kernel: string;
  /** Node of the graph that the call belongs to; for messages, timing and random streams. */
  readonly node: string;
  readonly inputs: Roles;
  readonly outputs: Roles;
  readonly attributes: Attributes;
}

export type ProgramMode = 'train' | 'evaluate';
