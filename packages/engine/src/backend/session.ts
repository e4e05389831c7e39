import type { StateTensor } from '../state/state-tensor.js';

/** What ended a burst or an evaluation early: nothing, a checkpoint that is due, or a stop. The largest word of all ranks wins. */
export type ControlWord = 0 | 1 | 2;

/** A run of consecutive optimizer steps of one epoch. */
export interface BurstRequest {
  /** 0-based epoch. */
  epoch: number;
  /** 0-based step inside the epoch of the first step. */
  firstStepInEpoch: number;
  /** 0-based global step of the first step. */
  firstStep: number;
  /** One learning rate a step; its length is the number of steps asked for. */
  learningRates: Float32Array;
}

export interface NonFinite {
  /** 0-based global step. */
  step: number;
  /** First node (in execution order) whose output is not finite, or the node whose gradient is; `null` where this rank's lanes do not show it. */
  node: string | null;
  /** Position of that node in execution order, so that the earliest of several ranks can be named; -1 where `node` is null. */
  order: number;
  what: 'loss' | 'gradient';
}

export interface BurstResult {
  /** Steps whose update was applied. */
  stepsDone: number;
  control: ControlWord;
  /** [steps] sum of the samples' losses, before the update. */
  lossSums: Float64Array;
  /** [steps] number of samples whose largest output is their label. */
  correct: Float64Array;
  /** [steps] true batch sizes. */
  samples: Float64Array;
  nonFinite: NonFinite | null;
}

export interface EvaluationRequest {
  /** 0-based batch of the validation split to start at. */
  firstBatch: number;
  /** Number of batches. */
  batches: number;
}

export interface EvaluationResult {
  lossSum: number;
  correct: number;
  samples: number;
  batchesDone: number;
  control: ControlWord;
}

/**
 * One rank's view of a training run. All ranks must run the same steps in the same order; they may cut them into bursts
 * as they like, because ranks meet at every step.
 * A lost peer rejects the running promise with `infrastructure.peer-lost`; the session is dead after that.
 */
export interface Session {
  trainBurst(request: BurstRequest): Promise<BurstResult>;
  evaluate(request: EvaluationRequest): Promise<EvaluationResult>;
  /** Canonical copies of parameters, buffers and optimizer slots. Not while a promise of this session is pending. */
  snapshot(): StateTensor[];
  /** Replaces parameters, buffers and optimizer slots; every tensor of `snapshot` must be there. */
  load(tensors: readonly StateTensor[]): void;
  /** Asks all ranks to end their burst after the same step. May be called at any time. */
  requestControl(word: 1 | 2): void;
  /** SHA-256 (hex) over the gradients of a fixed synthetic step through every plan variant; state is left as it was. */
  probe(): Promise<string>;
  /** Log-probabilities [count, classes] of already normalised samples [count, ...sampleShape]. */
  predict(samples: Float32Array, count: number): Promise<Float32Array>;
  close(): Promise<void>;
}
