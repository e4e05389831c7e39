import type { FromRankFrame, ReasonCode, RunState } from '@lockstep/contracts';

type Reported = 'progress' | 'epoch' | 'evaluating' | 'validation' | 'checkpoint';

/** What a supervised run tells whoever watches it: its own states, and what rank 0 reports. */
export type RunEvent =
  | { type: 'state'; state: RunState; reason: ReasonCode | null }
  | { type: 'generation'; generation: number; step: number; workers: number; threads: number }
  | { type: 'ready'; generation: number }
  | { type: 'rank-lost'; message: string; nextTry: 'from-checkpoint' | 'from-start' | 'none' }
  | { type: 'warning'; message: string }
  | Extract<FromRankFrame, { type: Reported }>;
