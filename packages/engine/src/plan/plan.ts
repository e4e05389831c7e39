/** Where a tensor's bytes live; offsets are bytes from the region's start. */
export type Region = 'arena' | 'parameters' | 'prepared' | 'gradients' | 'buffers' | 'sums';

export interface PlanTensor {
  name: string;
  /** Activations carry the batch axis first. */
  shape: number[];
  /** Name of a memory layout (`abcd` is row-major, `aBcd16b` blocked and zero-padded), or `bytes` for a workspace. */
  layout: string;
  region: Region;
  offset: number;
  bytes: number;
}

export interface PlanCall {
  kernel: string;
  node: string;
  /** Role → index into the variant's tensors. */
  args: Record<string, number>;
  attributes: Record<string, number | number[]>;
  /** Activation fused behind the kernel, or ''. */
  activation: string;
  scratchBytes: number;
  /** Name of the implementation that the plan was made for; '' for kernels that have one only. */
  implementation: string;
}

/** One lane's program for one micro-batch size: kernel calls in order over one preplanned arena. */
export interface PlanVariant {
  /** Samples in the lane. */
  batch: number;
  mode: 'train' | 'evaluate';
  tensors: PlanTensor[];
  /** Indices into `Plan.prepare` that this variant reads. */
  prepare: number[];
  calls: PlanCall[];
  /** calls[0 .. forwardCalls) are the forward pass with the loss. */
  forwardCalls: number;
  arenaBytes: number;
  scratchOffset: number;
  /** Indices into tensors. */
  input: number;
  label: number;
  output: number;
}

export interface PlanParameter {
  name: string;
  shape: number[];
  layout: string;
  /** Offset and padded length in the parameter vector, in floats. */
  offset: number;
  elements: number;
}

export interface PlanBuffer {
  name: string;
  offset: number;
  elements: number;
  /** Offset of the lanes' contributions in the statistics part of the reduce vector, in floats. */
  statistic: number;
  momentum: number;
}

/**
 * Everything that a rank's native executor needs to run a model, as plain data. It depends on the resolved spec and the
 * kernels only, never on rank, world size or threads. All variants share the layouts that the first one chose.
 */
export interface Plan {
  isa: string;
  parameters: PlanParameter[];
  buffers: PlanBuffer[];
  /** Parameters in a layout that some kernel wants; made once a step and shared by the lanes. */
  prepare: { parameter: number; layout: string; offset: number; bytes: number }[];
  variants: PlanVariant[];
  parameterElements: number;
  statisticElements: number;
  bufferElements: number;
  preparedBytes: number;
  sampleShape: number[];
  classes: number;
}

/** What a planner must know of the kernels; implemented by backend/native. */
export interface KernelCatalog {
  /** Layouts, bytes and scratch of a kernel that may choose them; layout '' where it has no name. */
  describe(request: {
    kernel: string;
    activation: string;
    attributes: Record<string, number | number[]>;
    shapes: Record<string, number[]>;
    layouts: Record<string, string>;
  }): {
    layouts: Record<string, string>;
    bytes: Record<string, number>;
    scratchBytes: number;
    implementation: string;
  };
  layoutBytes(shape: number[], layout: string): number;
}
