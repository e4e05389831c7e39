import { formatDuration } from '../../ui/format.js';

/** What charts of a run are drawn over. */
export const runAxes = ['step', 'epoch', 'time', 'cores'] as const;
export type RunAxis = (typeof runAxes)[number];

export const axisNames: Readonly<Record<RunAxis, string>> = {
  step: 'step',
  epoch: 'epoch',
  time: 'training time',
  cores: 'core-seconds',
};

/** Rising steps, and what had been spent at each. */
export interface Clock {
  readonly steps: readonly number[];
  readonly trainingSeconds: readonly number[];
  readonly coreSeconds: readonly number[];
}

export interface AxisMap {
  readonly toX: (step: number) => number;
  readonly toStep: (x: number) => number;
  readonly format: (x: number) => string;
}

/** Four significant digits and no more than needed. */
const plain = (x: number): string => String(Number(x.toPrecision(4)));
const count = (x: number): string => (Number.isInteger(x) ? String(x) : plain(x));
const duration = (x: number): string => (x < 60 ? `${plain(x)} s` : formatDuration(x * 1000));

/** Null where what the axis needs is not known yet. */
export function axisMap(axis: RunAxis, stepsPerEpoch: number | null, clock: Clock | undefined): AxisMap | null {
  if (axis === 'step') return { toX: (step) => step, toStep: (x) => x, format: count };
  if (axis === 'epoch') {
    if (stepsPerEpoch === null) return null;
    return { toX: (step) => step / stepsPerEpoch, toStep: (x) => x * stepsPerEpoch, format: count };
  }
  if (clock === undefined || clock.steps.length === 0) return null;
  const { steps } = clock;
  const spent = axis === 'time' ? clock.trainingSeconds : clock.coreSeconds;
  return {
    toX: (step) => between(steps, spent, step),
    toStep: (x) => between(spent, steps, x),
    format: axis === 'time' ? duration : (x) => `${plain(x)} s`,
  };
}

/** On straight lines through (0, 0) and the points, and past the last one as before it. */
function between(from: readonly number[], to: readonly number[], at: number): number {
  let low = 0;
  let high = from.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((from[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  const x1 = from[low] ?? 0;
  const y1 = to[low] ?? 0;
  const x0 = low === 0 ? 0 : (from[low - 1] ?? 0);
  const y0 = low === 0 ? 0 : (to[low - 1] ?? 0);
  return x1 === x0 ? y1 : y0 + ((y1 - y0) * (at - x0)) / (x1 - x0);
}
