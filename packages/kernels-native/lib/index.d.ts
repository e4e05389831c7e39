/** Where a tensor's bytes live; offsets are bytes from the region's start. */
export type Region = 'arena' | 'parameters' | 'prepared' | 'gradients' | 'buffers' | 'sums';

export interface PlanTensor {
  name: string;
  shape: number[];
  /** oneDNN format tag (`abcd`, `aBcd16b`), or `bytes` for a workspace. */
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
  /** Fused activation, or ''. */
  activation: string;
  scratchBytes: number;
  /** Name of the implementation that the plan was made for; '' for kernels that have one only. */
  implementation: string;
}

/** One lane's program for one micro-batch size. */
export interface PlanVariant {
  batch: number;
  mode: 'train' | 'evaluate';
  tensors: PlanTensor[];
  /** Indices into `Plan.prepare` that this variant reads. */
  prepare: number[];
  calls: PlanCall[];
  forwardCalls: number;
  arenaBytes: number;
  scratchOffset: number;
  /** Indices into tensors, -1 where there is none. */
  input: number;
  label: number;
  output: number;
}

export interface Plan {
  isa: string;
  /** `offset` and `elements` in floats, padded. */
  parameters: { name: string; shape: number[]; layout: string; offset: number; elements: number }[];
  buffers: { name: string; offset: number; elements: number; statistic: number; momentum: number }[];
  /** Parameters in a layout that a kernel wants, made once a step. */
  prepare: { parameter: number; layout: string; offset: number; bytes: number }[];
  variants: PlanVariant[];
  parameterElements: number;
  statisticElements: number;
  bufferElements: number;
  preparedBytes: number;
  sampleShape: number[];
  classes: number;
}

export interface KernelRequest {
  kernel: string;
  activation: string;
  attributes: Record<string, number | number[]>;
  shapes: Record<string, number[]>;
  /** Role → layout; absent or `any` where oneDNN may choose. */
  layouts: Record<string, string>;
}

export interface KernelDescription {
  /** '' where the layout has no name. */
  layouts: Record<string, string>;
  bytes: Record<string, number>;
  scratchBytes: number;
  implementation: string;
}

export interface ProgramRun {
  isa: string;
  variant: PlanVariant;
  inputs: { tensor: number; values: Float32Array }[];
  labels: number[];
  sampleIndices: number[];
  outputs: number[];
  gradientScale: number;
  step: number;
  parametersBytes: number;
  preparedBytes: number;
  gradientsBytes: number;
  buffersBytes: number;
}

export interface ShardFields {
  path: string;
  count: number;
  sampleElements: number;
  samplesOffset: number;
  labelsOffset: number;
  dtype: 'uint8' | 'float32';
}

export interface OrderFields {
  mode: 'none' | 'global' | 'window';
  window: number;
  key: [number, number];
}

export interface SessionConfig {
  plan: Plan;
  lanes: number;
  evaluationLanes: number;
  rank: number;
  worldSize: number;
  threads: number;
  batchSize: number;
  evaluationBatchSize: number;
  train: ShardFields | null;
  validation: ShardFields | null;
  /** Per channel: input = x * scale + shift. */
  scale: number[];
  shift: number[];
  order: OrderFields;
  optimizer: {
    kind: 'sgd' | 'adam';
    momentum: number;
    weightDecay: number;
    beta1: number;
    beta2: number;
    epsilon: number;
  };
  /** 0 by size, 1 every rank finishes the whole sum, 2 every rank finishes its shard. The bits are the same. */
  exchangeMode: 0 | 1 | 2;
}

export interface Outcome {
  stepsDone: number;
  control: 0 | 1 | 2;
  lossSums: Float64Array;
  correct: Float64Array;
  samples: Float64Array;
  nonFinite: { step: number; node: string | null; order: number; what: 'loss' | 'gradient' } | null;
}

export type SessionHandle = { readonly __session: unique symbol };
export type CommunicatorHandle = { readonly __communicator: unique symbol };

export function buildInfo(): { sourceDigest: string; compiler: string; flags: string; oneDnn: string; isas: string[] };
/** The kernel kills this process when its parent ends, also while it is stopped by a signal. */
export function endWithParent(): void;
export function describeKernel(isa: string, request: KernelRequest): KernelDescription;
export function layoutBytes(shape: number[], layout: string): number;
export function runProgram(run: ProgramRun): { outputs: Float32Array[]; sums: Float64Array };
export function sampleOrder(
  request: OrderFields & { count: number; epoch: number; first: number; positions: number },
): Float64Array;
export function openCommunicator(options: {
  rank: number;
  worldSize: number;
  host: string;
  timeoutMs: number;
}): CommunicatorHandle;
export function communicatorAddress(communicator: CommunicatorHandle): Promise<Uint8Array>;
export function communicatorConnect(communicator: CommunicatorHandle, addresses: readonly Uint8Array[]): Promise<void>;
export function communicatorClose(communicator: CommunicatorHandle): Promise<void>;
export function openSession(config: SessionConfig, communicator: CommunicatorHandle | null): Promise<SessionHandle>;
export function sessionTrain(
  session: SessionHandle,
  burst: { epoch: number; firstStepInEpoch: number; firstStep: number; learningRates: Float32Array },
): Promise<Outcome>;
export function sessionEvaluate(session: SessionHandle, firstBatch: number, batches: number): Promise<Outcome>;
export function sessionPredict(session: SessionHandle, samples: Float32Array, count: number): Promise<Float32Array>;
export function sessionProbe(session: SessionHandle): Promise<Float32Array>;
export function sessionRequestControl(session: SessionHandle, word: 1 | 2): void;
/** `slot` -1 is the parameter itself, 0.. the optimizer's slots. */
export function sessionReadParameter(session: SessionHandle, index: number, slot: number): Float32Array;
export function sessionWriteParameter(session: SessionHandle, index: number, slot: number, values: Float32Array): void;
export function sessionReadBuffer(session: SessionHandle, index: number): Float32Array;
export function sessionWriteBuffer(session: SessionHandle, index: number, values: Float32Array): void;
export function sessionClose(session: SessionHandle): Promise<void>;
