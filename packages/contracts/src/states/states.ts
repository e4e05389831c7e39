import { z } from 'zod';

/** The states of a run. Only the owner of the run (workflow or supervisor) sets them; ranks report, they never decide. */
export const runStates = [
  'queued',
  'allocating',
  'starting',
  'training',
  'recovering',
  'resizing',
  'paused',
  'evaluating',
  'stopping',
  'completed',
  'failed',
  'cancelled',
] as const;
export const runStateSchema = z.enum(runStates);
export type RunState = z.infer<typeof runStateSchema>;

/** States that a run never leaves. */
export const finalRunStates = ['completed', 'failed', 'cancelled'] as const satisfies readonly RunState[];
export type FinalRunState = (typeof finalRunStates)[number];

export function isFinalRunState(state: RunState): state is FinalRunState {
  return (finalRunStates as readonly RunState[]).includes(state);
}

/** Why a run is in its state: a code beside the state, never part of it. */
export const reasonCodes = [
  /** All epochs are done. */
  'all-epochs',
  'early-stopping',
  /** A person or their token asked for it. */
  'user',
  'budget',
  'bad-input',
  'data',
  'non-finite',
  /** Ranks that must be equal were not. */
  'diverged',
  /** No CPU of the run's numeric class, or a rank of another class. */
  'numeric-class',
  /** A rank died or hung. */
  'rank-lost',
  'no-capacity',
  'infrastructure',
  'internal',
] as const;
export const reasonCodeSchema = z.enum(reasonCodes);
export type ReasonCode = z.infer<typeof reasonCodeSchema>;
