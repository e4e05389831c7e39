import { finalRunStates, type Run, type RunDetail, type RunState } from '@lockstep/contracts';

export type Summary = RunDetail['summary'];

export function isOver(state: RunState): boolean {
  return (finalRunStates as readonly RunState[]).includes(state);
}

/** Ended, and so long ago that nothing of it is still on its way. */
export function isSettled({ state, finishedAt }: Pick<Run, 'state' | 'finishedAt'>): boolean {
  return isOver(state) && finishedAt !== null && Date.now() - Date.parse(finishedAt) > 60_000;
}

/** Time since the run started, up to its end. */
export function durationMs(run: Pick<Run, 'startedAt' | 'finishedAt'>, nowMs: number | null): number | null {
  if (run.startedAt === null) return null;
  const end = run.finishedAt === null ? nowMs : Date.parse(run.finishedAt);
  return end === null ? null : end - Date.parse(run.startedAt);
}

export const lossOf = (summary: Summary | undefined): number | null =>
  summary?.['val/loss']?.last ?? summary?.['train/loss']?.last ?? null;

export const accuracyOf = (run: Pick<Run, 'result'>, summary: Summary | undefined): number | null =>
  run.result?.testAccuracy ?? summary?.['val/accuracy']?.last ?? summary?.['train/accuracy']?.last ?? null;
