/** Sizes of a tensor, outermost axis first. Shapes of a graph are per sample: the batch axis is added by the lane program. */
export type Shape = readonly number[];

/** Attributes after normalisation: kernel, stride and padding are always [height, width], flags are 0 or 1. */
export type Attributes = Readonly<Record<string, number | readonly number[]>>;

/** How the first value of a parameter or buffer is made; `bound` b stands for the uniform distribution on [-b, b). */
export type Initialisation =
  | { readonly kind: 'uniform'; readonly bound: number }
  | { readonly kind: 'constant'; readonly value: number };

/** A tensor that training changes by its gradient, named `<node>.<role>`. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: Shape;
  readonly init: Initialisation;
}

/** A tensor that training changes without a gradient (running statistics), named `<node>.<role>`. */
export interface BufferSpec {
  readonly name: string;
  readonly shape: Shape;
  readonly init: Initialisation;
}

export interface GraphInput {
  readonly name: string;
  readonly shape: Shape;
}

export interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly attributes: Attributes;
  /** Shape of the result for one sample. */
  readonly shape: Shape;
  readonly inputShapes: readonly Shape[];
  readonly parameters: readonly ParameterSpec[];
  readonly buffers: readonly BufferSpec[];
  /** Floating-point operations of the forward pass for one sample; a multiply-add counts as two. */
  readonly flops: number;
}

/** A checked model: every shape is known, nodes stand in execution order, and every node leads to the output. */
export interface Graph {
  readonly inputs: readonly GraphInput[];
  readonly nodes: readonly GraphNode[];
  /** Name of the node that gives the log-probabilities, shape [classes] for one sample. */
  readonly output: string;
}
