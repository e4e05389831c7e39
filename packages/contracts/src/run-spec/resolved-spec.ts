import { z } from 'zod';
import { graphSpecSchema } from '../graph-spec/graph-spec.js';
import { nameSchema, shapeSchema } from '../graph-spec/nodes.js';
import { limits } from '../limits/limits.js';
import {
  checkpointSchema,
  earlyStoppingSchema,
  isaSchema,
  optimizerSchema,
  scheduleSchema,
  shuffleSchema,
  validationSchema,
} from './parts.js';

/** SHA-256 in lower-case hex. */
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 of 64 lower-case hex digits');

const powerOfTwo = z
  .int()
  .min(1)
  .max(limits.maxLanes)
  .refine((lanes) => (lanes & (lanes - 1)) === 0, 'expected a power of two');

/**
 * Everything that the result depends on, nothing left to a default: the requested spec with all defaults, what the data
 * says about itself, lanes, instruction set and versions. A run's weights are a function of this and of the data.
 */
export const resolvedSpecSchema = z.strictObject({
  specVersion: z.literal(1),
  name: nameSchema,
  dataset: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('sample'), name: z.string().min(1).max(limits.nameCharacters) }),
    z.strictObject({ kind: z.literal('folder'), path: z.string().min(1).max(limits.pathCharacters) }),
  ]),
  data: z.strictObject({
    version: sha256Schema,
    trainSamples: z.int().min(1).max(limits.maxSamples),
    validationSamples: z.int().min(0).max(limits.maxSamples),
    sampleShape: shapeSchema,
    classes: z.int().min(2).max(limits.maxClasses),
    dtype: z.enum(['uint8', 'float32']),
  }),
  graph: graphSpecSchema,
  input: z.strictObject({
    mean: z.array(z.number()).min(1).describe('One a channel.'),
    std: z.array(z.number().gt(0)).min(1).describe('One a channel.'),
  }),
  training: z.strictObject({
    epochs: z.int().min(1).max(limits.maxEpochs),
    batchSize: z.int().min(1).max(limits.maxBatch),
    seed: z.int().min(0).max(limits.maxSeed),
    shuffle: shuffleSchema,
    optimizer: optimizerSchema,
    schedule: scheduleSchema,
    earlyStopping: earlyStoppingSchema.nullable(),
  }),
  validation: validationSchema,
  checkpoint: checkpointSchema,
  lanes: powerOfTwo,
  evaluationLanes: powerOfTwo,
  isa: isaSchema,
  numericsVersion: z.int().min(1),
  versions: z.strictObject({ engine: z.string().max(64), kernels: z.string().max(64) }),
});
export type ResolvedSpec = z.output<typeof resolvedSpecSchema>;
