import type { ResolvedSpec } from '@lockstep/contracts';

/** What a prepared dataset says about itself. */
export interface DatasetFacts {
  readonly dataset: ResolvedSpec['dataset'];
  /** SHA-256 in hex. */
  readonly version: string;
  readonly trainSamples: number;
  readonly validationSamples: number;
  readonly sampleShape: readonly number[];
  readonly classes: number;
  readonly dtype: 'uint8' | 'float32';
  /** Normalisation that suits the dataset, where it is known. */
  readonly defaultInput?: { readonly mean: readonly number[]; readonly std: readonly number[] };
}
