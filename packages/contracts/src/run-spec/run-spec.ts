import { z } from 'zod';
import { graphSpecSchema } from '../graph-spec/graph-spec.js';
import { dimensionSchema, layerSchema, nameSchema } from '../graph-spec/nodes.js';
import { limits } from '../limits/limits.js';
import {
  checkpointSchema,
  earlyStoppingSchema,
  isaSchema,
  optimizerSchema,
  presetNames,
  scheduleSchema,
  shuffleSchema,
  validationSchema,
} from './parts.js';

const channelValues = z.union([z.number(), z.array(z.number()).min(1).max(4096)]);
const positiveChannelValues = z.union([z.number().gt(0), z.array(z.number().gt(0)).min(1).max(4096)]);

export const datasetSchema = z.union([
  z.string().min(1).max(limits.nameCharacters).describe('Name of a sample dataset: mnist.'),
  z.strictObject({
    folder: z.string().min(1).max(limits.pathCharacters).describe('Folder of IDX files (.gz or not).'),
    classes: z.int().min(2).max(limits.maxClasses).optional().describe('Default: the largest label plus one.'),
  }),
]);

export const modelSchema = z.union([
  z.strictObject({
    preset: z.enum(presetNames),
    hidden: z
      .array(dimensionSchema)
      .min(1)
      .max(100)
      .optional()
      .describe('Hidden layers of the mlp preset. Default [128].'),
  }),
  z.strictObject({ layers: z.array(layerSchema).min(1).max(limits.maxNodes) }),
  z.strictObject({ graph: graphSpecSchema }),
]);

export const trainingSchema = z.strictObject({
  epochs: z.int().min(1).max(limits.maxEpochs).default(1),
  batchSize: z.int().min(1).max(limits.maxBatch).default(128).describe('Samples of a step, over all workers together.'),
  seed: z.int().min(0).max(limits.maxSeed).default(1),
  shuffle: shuffleSchema.default('global'),
  optimizer: optimizerSchema.prefault({ kind: 'sgd' }),
  schedule: scheduleSchema.default({ kind: 'constant' }),
  earlyStopping: earlyStoppingSchema.optional(),
});

/** What a person asks for. Every field that is left out has a default; a field that is not known is an error. */
export const runSpecSchema = z.strictObject({
  name: nameSchema.optional(),
  dataset: datasetSchema,
  model: modelSchema,
  input: z
    .strictObject({
      mean: channelValues.optional().describe('One number, or one a channel.'),
      std: positiveChannelValues.optional().describe('One number, or one a channel.'),
    })
    .optional()
    .describe('Samples become (x/255 - mean)/std if they are bytes, (x - mean)/std if not.'),
  training: trainingSchema.prefault({}),
  validation: validationSchema.prefault({}),
  checkpoint: checkpointSchema.prefault({}),
  lanes: z
    .int()
    .min(1)
    .max(limits.maxLanes)
    .optional()
    .describe(
      'Pieces of a batch, a power of two. The result depends on it, so it is part of the spec. Default: from the batch size.',
    ),
  isa: isaSchema.optional().describe('Default avx512_core.'),
});

/** As a person writes it: defaults may be left out. */
export type RunSpec = z.input<typeof runSpecSchema>;
/** With the defaults that need no look at the data; the others (lanes, isa, input) are filled by `resolveRunSpec`. */
export type FilledRunSpec = z.output<typeof runSpecSchema>;
export type DatasetSpec = z.output<typeof datasetSchema>;
export type ModelSpec = z.output<typeof modelSchema>;
export type TrainingSpec = z.output<typeof trainingSchema>;
