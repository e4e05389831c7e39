import type { KernelCall, ProgramMode, Value } from '../ops/program-types.js';

export type {
  KernelCall,
  ProgramMode,
  Roles,
  Value,
} from '../ops/program-types.js';

/** What one lane computes for one micro-batch, as plain data: forward, loss, then (in training) every gradient. */
export interface LaneProgram {
  /** Samples of the micro-batch. */
  readonly batch: number;
  readonly mode: ProgramMode;
  readonly values: readonly Value[];
  readonly calls: readonly KernelCall[];
  /** calls[0 .. forwardCalls) are the forward pass with the loss. */
  readonly forwardCalls: number;
  /** Id of the log-probabilities, [batch, classes]. */
  readonly output: number;
  /** Id of each node's result, in the graph's order; a node that passes its input through has its input's. */
  readonly nodeValues: readonly number[];
}
