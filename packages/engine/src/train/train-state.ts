import type { ResolvedSpec } from '@lockstep/contracts';
import { LockstepError } from '@lockstep/contracts';

/** Sums over samples, accumulated step by step in step order so that any cut gives the same float64. */
export interface MetricSums {
  lossSum: number;
  correct: number;
  samples: number;
}

/** Means over one whole epoch or one whole validation pass. `step` is the number of steps done when it was taken. */
export interface EpochMeans {
  epoch: number;
  step: number;
  loss: number;
  accuracy: number;
}

export type TrainPhase = 'train' | 'validate' | 'done';

/**
 * Everything about a run's position that is not a tensor. It is plain JSON, goes into every checkpoint and into the
 * state digest, so it holds nothing that depends on wall time, on the number of ranks or on where a run was cut.
 */
export interface TrainState {
  /** 0-based epoch that is being trained or validated; equals the number of epochs once done. */
  epoch: number;
  stepInEpoch: number;
  /** Optimizer steps done since the beginning of the run. */
  step: number;
  phase: TrainPhase;
  /** Validation batches done, in phase `validate`. */
  validationBatch: number;
  trainSums: MetricSums;
  validationSums: MetricSums;
  lastTrain: EpochMeans | null;
  lastValidation: EpochMeans | null;
  best: EpochMeans | null;
  /** `reference` is the metric's value that the next improvement is measured against. */
  earlyStopping: { reference: number | null; validationsWithoutImprovement: number };
  outcome: 'completed' | 'early-stopped' | null;
}

const emptySums = (): MetricSums => ({ lossSum: 0, correct: 0, samples: 0 });

export function initialTrainState(): TrainState {
  return {
    epoch: 0,
    stepInEpoch: 0,
    step: 0,
    phase: 'train',
    validationBatch: 0,
    trainSums: emptySums(),
    validationSums: emptySums(),
    lastTrain: null,
    lastValidation: null,
    best: null,
    earlyStopping: { reference: null, validationsWithoutImprovement: 0 },
    outcome: null,
  };
}

export function stepsPerEpoch(spec: ResolvedSpec): number {
  return Math.ceil(spec.data.trainSamples / spec.training.batchSize);
}

export function validationBatches(spec: ResolvedSpec): number {
  return Math.ceil(spec.data.validationSamples / spec.validation.batchSize);
}

export function meansOf(sums: MetricSums, epoch: number, step: number): EpochMeans {
  return { epoch, step, loss: sums.lossSum / sums.samples, accuracy: sums.correct / sums.samples };
}

/**
 * Reads a state back from a checkpoint's JSON and checks it against the spec. Throws `data.checkpoint-mismatch` when
 * the position cannot belong to this spec: resuming from it would silently train something else.
 */
export function parseTrainState(value: unknown, spec: ResolvedSpec): TrainState {
  const state = value as TrainState;
  const perEpoch = stepsPerEpoch(spec);
  const count = (candidate: unknown): candidate is number =>
    Number.isSafeInteger(candidate) && (candidate as number) >= 0;
  const problem = (what: string, got: unknown): LockstepError =>
    new LockstepError(
      'data.checkpoint-mismatch',
      `The checkpoint's position does not fit the run: expected ${what}, got ${JSON.stringify(got)}. ` +
        'Resume with the run folder that the checkpoint was written in, or start a new run.',
    );
  if (typeof value !== 'object' || value === null) throw problem('an object', value);
  if (!count(state.epoch) || state.epoch > spec.training.epochs) {
    throw problem(`an epoch from 0 to ${spec.training.epochs}`, state.epoch);
  }
  if (!count(state.stepInEpoch) || state.stepInEpoch > perEpoch) {
    throw problem(`a step in the epoch from 0 to ${perEpoch}`, state.stepInEpoch);
  }
  if (state.step !== state.epoch * perEpoch + state.stepInEpoch) {
    throw problem(`step ${state.epoch * perEpoch + state.stepInEpoch}`, state.step);
  }
  if (!['train', 'validate', 'done'].includes(state.phase)) throw problem('phase train, validate or done', state.phase);
  if (!count(state.validationBatch) || state.validationBatch > validationBatches(spec)) {
    throw problem(`a validation batch from 0 to ${validationBatches(spec)}`, state.validationBatch);
  }
  for (const sums of [state.trainSums, state.validationSums]) {
    if (!sums || !Number.isFinite(sums.lossSum) || !count(sums.correct) || !count(sums.samples)) {
      throw problem('sums of finite numbers', sums);
    }
  }
  if (!state.earlyStopping || !count(state.earlyStopping.validationsWithoutImprovement)) {
    throw problem('an early-stopping state', state.earlyStopping);
  }
  return structuredClone(state);
}
