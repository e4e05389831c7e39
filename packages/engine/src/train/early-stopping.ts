import type { ResolvedSpec } from '@lockstep/contracts';
import type { EpochMeans, TrainState } from './train-state.js';

type Metric = 'loss' | 'accuracy';

/** The metric that decides which validation is the best: the early-stopping metric, otherwise accuracy. */
export function bestMetric(spec: ResolvedSpec): Metric {
  return spec.training.earlyStopping?.metric ?? 'accuracy';
}

function better(metric: Metric, value: number, reference: number, minDelta: number): boolean {
  return metric === 'loss' ? value < reference - minDelta : value > reference + minDelta;
}

/**
 * Takes in one finished validation: updates best, early stopping and the last validation of `state`.
 * Equal is not better, so the earliest of equal validations stays the best.
 */
export function recordValidation(
  state: TrainState,
  validation: EpochMeans,
  spec: ResolvedSpec,
): { isBest: boolean; stop: boolean } {
  const metric = bestMetric(spec);
  const isBest = state.best === null || better(metric, validation[metric], state.best[metric], 0);
  state.lastValidation = validation;
  if (isBest) state.best = validation;

  const rule = spec.training.earlyStopping;
  if (!rule) return { isBest, stop: false };
  const { reference } = state.earlyStopping;
  const improved = reference === null || better(metric, validation[metric], reference, rule.minDelta);
  state.earlyStopping = improved
    ? { reference: validation[metric], validationsWithoutImprovement: 0 }
    : { reference, validationsWithoutImprovement: state.earlyStopping.validationsWithoutImprovement + 1 };
  return { isBest, stop: state.earlyStopping.validationsWithoutImprovement >= rule.patience };
}
