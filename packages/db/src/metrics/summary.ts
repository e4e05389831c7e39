import type { Points } from './points.js';

/** What lists and comparisons show of a series. */
export interface Summary {
  points: number;
  nonFinite: number;
  first: number;
  firstStep: number;
  last: number;
  lastStep: number;
  min: number | null;
  minStep: number | null;
  max: number | null;
  maxStep: number | null;
}

/** Adds points to a summary; null is the summary of none. The earliest of equal extremes counts. */
export function summarise(before: Summary | null, { steps, values }: Points): Summary | null {
  let summary = before === null ? null : { ...before };
  for (let index = 0; index < steps.length; index++) {
    const step = steps[index] ?? 0;
    const value = values[index] ?? Number.NaN;
    summary ??= {
      points: 0,
      nonFinite: 0,
      first: value,
      firstStep: step,
      last: value,
      lastStep: step,
      min: null,
      minStep: null,
      max: null,
      maxStep: null,
    };
    summary.points++;
    if (step < summary.firstStep) Object.assign(summary, { first: value, firstStep: step });
    if (step >= summary.lastStep) Object.assign(summary, { last: value, lastStep: step });
    if (!Number.isFinite(value)) summary.nonFinite++;
    else {
      if (summary.min === null || value < summary.min) Object.assign(summary, { min: value, minStep: step });
      if (summary.max === null || value > summary.max) Object.assign(summary, { max: value, maxStep: step });
    }
  }
  return summary;
}

/** The points up to a step. */
export function clip({ steps, values }: Points, lastStep: number | null): Points {
  if (lastStep === null || steps.every((step) => step <= lastStep)) return { steps, values };
  const kept = steps
    .map((step, index) => [step, values[index] ?? Number.NaN] as const)
    .filter(([step]) => step <= lastStep);
  return { steps: kept.map(([step]) => step), values: kept.map(([, value]) => value) };
}
