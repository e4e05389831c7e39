import type { LayerSpec } from '@lockstep/contracts';
import type { Shape } from '../graph/types.js';
import type { ProgramMode } from './program-types.js';

/** One check of an op in the conformance harness: reference against native, finite differences against the gradient. */
export interface OpCase {
  /** What is odd about it. */
  readonly title: string;
  /** Op and attributes. */
  readonly layer: LayerSpec;
  /** Shapes of the inputs for one sample. */
  readonly inputs: readonly Shape[];
  readonly batch: number;
  /** Default: train. */
  readonly mode?: ProgramMode;
}
