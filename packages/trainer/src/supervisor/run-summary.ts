import type { FinalRunState, ReasonCode } from '@lockstep/contracts';

export interface RunFailure {
  code: string;
  message: string;
  node: string | null;
  /** 0-based global step. */
  step: number | null;
}

/** How a run ended. What a run that did not get there cannot know is null. */
export interface RunSummary {
  state: FinalRunState;
  reason: ReasonCode;
  /** Of the last validation, on the dataset's test split. */
  testAccuracy: number | null;
  testLoss: number | null;
  weightsDigest: string | null;
  stateDigest: string | null;
  workers: number;
  lanes: number;
  /** Optimizer steps of the run, also those of earlier processes. */
  steps: number;
  /** Training samples a second while training, without validation and restarts. */
  samplesPerSecond: number | null;
  secondsToFirstStep: number | null;
  runDir: string;
  failure: RunFailure | null;
}
