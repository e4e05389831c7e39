import { z } from 'zod';
import { sha256Schema } from '../run-spec/resolved-spec.js';
import { checkpointIdSchema, datasetIdSchema, runIdSchema, slugSchema, timeSchema } from './ids.js';
import { pageOf, pageQuery } from './paging.js';

export const checkpointFileSchema = z.object({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,62}\.(safetensors|json)$/),
  bytes: z.int().min(0),
  sha256: sha256Schema,
});
export type CheckpointFileEntry = z.infer<typeof checkpointFileSchema>;

export const checkpointSchemaOfRun = z.object({
  id: checkpointIdSchema,
  runId: runIdSchema,
  generation: z.int(),
  sequence: z.int(),
  step: z.int(),
  epoch: z.int(),
  best: z.boolean(),
  weightsDigest: sha256Schema,
  stateDigest: sha256Schema,
  files: z.array(checkpointFileSchema),
  createdAt: timeSchema,
});
export type RunCheckpoint = z.infer<typeof checkpointSchemaOfRun>;

export const checkpointPageSchema = pageOf(checkpointSchemaOfRun);
export const pageQuerySchema = z.strictObject(pageQuery);

export const downloadQuerySchema = z.strictObject({
  file: z
    .string()
    .max(80)
    .optional()
    .describe('One file of the checkpoint, such as `model.safetensors`. Default: all of them in a tar archive.'),
});

export const datasetSchemaOfApi = z.object({
  id: datasetIdSchema,
  name: z.string(),
  kind: z.enum(['sample', 'upload']),
  version: sha256Schema.nullable().describe('The newest version; null while none is prepared.'),
  trainSamples: z.int().nullable(),
  validationSamples: z.int().nullable(),
  sampleShape: z.array(z.int()).nullable(),
  classes: z.int().nullable(),
  dtype: z.enum(['uint8', 'float32']).nullable(),
  createdAt: timeSchema,
});
export type Dataset = z.infer<typeof datasetSchemaOfApi>;
export const datasetPageSchema = pageOf(datasetSchemaOfApi);

export const projectSchema = z.object({
  slug: slugSchema,
  organisation: slugSchema,
  name: z.string(),
  createdAt: timeSchema,
});
export type Project = z.infer<typeof projectSchema>;
export const projectPageSchema = pageOf(projectSchema);

export const createProjectBodySchema = z.strictObject({
  slug: slugSchema,
  name: z.string().trim().min(1).max(128).optional().describe('Default: the slug.'),
});
export type CreateProjectBody = z.input<typeof createProjectBodySchema>;
