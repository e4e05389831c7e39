import { z } from 'zod';
import { resolvedSpecSchema, sha256Schema } from '../run-spec/resolved-spec.js';

/** What a prepared dataset says about itself: all that resolving a run spec needs of it. */
export const preparedDatasetSchema = z.strictObject({
  dataset: resolvedSpecSchema.shape.dataset,
  ...resolvedSpecSchema.shape.data.shape,
  defaultInput: z.strictObject({ mean: z.array(z.number()), std: z.array(z.number().gt(0)) }).optional(),
});
export type PreparedDataset = z.output<typeof preparedDatasetSchema>;

/** A shard file of a prepared dataset in blob storage. */
export const datasetFileSchema = z.strictObject({
  name: z.string().min(1).max(128),
  sha256: sha256Schema,
  bytes: z.int().min(0),
});
export type DatasetFile = z.output<typeof datasetFileSchema>;
