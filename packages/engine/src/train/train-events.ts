import type { EpochMeans } from './train-state.js';

/** What the loop reports while it runs. Every rank emits the same events up to `seconds` and the cut into bursts. */
export type TrainEvent =
  | {
      kind: 'train';
      epoch: number;
      /** Steps done since the beginning of the run, after this burst. */
      step: number;
      /** Steps of this burst. */
      steps: number;
      lossSum: number;
      correct: number;
      samples: number;
      learningRate: number;
      seconds: number;
    }
  | ({ kind: 'epoch' } & EpochMeans)
  | { kind: 'evaluating'; epoch: number; step: number; batch: number; batches: number }
  | ({ kind: 'validation'; samples: number; isBest: boolean; seconds: number } & EpochMeans);

/** Why a checkpoint is taken: it was due, a validation was the best so far, a stop was asked for, or the run ended. */
export type CheckpointReason = 'due' | 'best' | 'stop' | 'final';
