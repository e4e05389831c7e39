import { z } from 'zod';
import { limits } from '../limits/limits.js';

export const presetNames = ['lenet5', 'mlp', 'softmax-regression', 'resnet20'] as const;
export type PresetName = (typeof presetNames)[number];

export const isaNames = ['avx512_core', 'avx2'] as const;
export const isaSchema = z.enum(isaNames);
/** The instruction set that a run computes with; part of its numeric class. */
export type Isa = z.infer<typeof isaSchema>;

const rate = z.number().min(0).max(1e6);

export const optimizerSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('sgd'),
    learningRate: rate.default(0.01),
    momentum: z.number().min(0).lt(1).default(0),
    weightDecay: rate.default(0),
  }),
  z.strictObject({
    kind: z.literal('adam'),
    learningRate: rate.default(0.001),
    beta1: z.number().min(0).lt(1).default(0.9),
    beta2: z.number().min(0).lt(1).default(0.999),
    epsilon: z.number().gt(0).max(1).default(1e-8),
    weightDecay: rate.default(0),
  }),
]);
/** With every default filled. */
export type OptimizerSpec = z.output<typeof optimizerSchema>;

export const scheduleSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant') }),
  z.strictObject({
    kind: z.literal('step'),
    factor: z.number().gt(0).max(1e3).describe('The rate is multiplied by this.'),
    epochs: z
      .array(z.int().min(0).max(limits.maxEpochs))
      .min(1)
      .max(1000)
      .describe('0-based epochs before which the rate is multiplied.'),
  }),
]);
export type ScheduleSpec = z.output<typeof scheduleSchema>;

export const shuffleSchema = z.union([
  z.enum(['global', 'none']),
  z.strictObject({ window: z.int().min(1).max(limits.maxSamples).describe('Consecutive samples that are mixed.') }),
]);
export type ShuffleSpec = z.output<typeof shuffleSchema>;

export const earlyStoppingSchema = z.strictObject({
  metric: z.enum(['loss', 'accuracy']).default('loss').describe('Of the validation split.'),
  patience: z.int().min(1).max(limits.maxEpochs).describe('Validations without an improvement before the run stops.'),
  minDelta: z.number().min(0).max(1e6).default(0).describe('What counts as an improvement.'),
});
export type EarlyStoppingSpec = z.output<typeof earlyStoppingSchema>;

export const validationSchema = z.strictObject({
  batchSize: z.int().min(1).max(limits.maxBatch).default(1000),
  everyEpochs: z.int().min(1).max(limits.maxEpochs).default(1),
});
export type ValidationSpec = z.output<typeof validationSchema>;

export const checkpointSchema = z.strictObject({
  everySeconds: z.number().min(0.1).max(86400).default(30),
  everySteps: z
    .int()
    .min(1)
    .max(2 ** 31)
    .optional()
    .describe('Also after this many steps.'),
  keepLast: z.int().min(1).max(limits.maxKeptCheckpoints).default(2),
  keepBest: z.int().min(0).max(limits.maxKeptCheckpoints).default(1),
});
export type CheckpointSpec = z.output<typeof checkpointSchema>;
