import type { ResolvedSpec } from '@lockstep/contracts';
import type { Inspection } from '@lockstep/engine/graph';

/** What `ImageClassifier` needs of a run. */
export type ModelSpec = Pick<ResolvedSpec, 'graph' | 'input' | 'data'>;

export type Question =
  | { readonly kind: 'open'; readonly spec: ModelSpec; readonly model: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'inspect'; readonly pixels: Float32Array };

export type Answer =
  | { readonly kind: 'opened' }
  | { readonly kind: 'inspected'; readonly inspection: Inspection; readonly milliseconds: number }
  | { readonly kind: 'problem'; readonly message: string };
