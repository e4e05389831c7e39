import type { ResolvedSpec } from '@lockstep/contracts';
import type { Session } from '../src/backend/session.js';

export interface SessionDoubleOptions {
  spec: ResolvedSpec;
  rank?: number;
  agree?: (word: number) => Promise<number>;
  beforeStep?: (step: number) => unknown;
  beforeBatch?: (batch: number) => unknown;
  nonFiniteAt?: number | null;
}
export function createSessionDouble(options: SessionDoubleOptions): Session;
// biome-ignore lint/suspicious/noExplicitAny: tests override any part of a resolved spec.
export function specForDouble(overrides?: Record<string, any>): ResolvedSpec;
