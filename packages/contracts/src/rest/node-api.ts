import { z } from 'zod';
import { numericClassSchema, rendezvousValueSchema } from '../frames/frames.js';
import { limits } from '../limits/limits.js';
import { isaSchema } from '../run-spec/parts.js';
import { resolvedSpecSchema, sha256Schema } from '../run-spec/resolved-spec.js';
import { reasonCodeSchema } from '../states/states.js';
import { checkpointFileSchema, checkpointSchemaOfRun } from './artifacts.js';
import { checkpointIdSchema, nodeIdSchema, runIdSchema } from './ids.js';
import { metricNumberSchema } from './metrics.js';
import { queryInt } from './paging.js';

const generation = z.int().min(0);
const rank = z
  .int()
  .min(0)
  .max(limits.maxWorkers - 1);
const step = z.int().min(0);
const sequence = z.int().min(0);
const numericWord = (max: number) => queryInt(0, max);

/** Long polls end after so many seconds with what is known then. */
export const nodeWaitQuerySchema = z.strictObject({ waitSeconds: queryInt(0, 25).optional().describe('Default 0.') });

export const registerNodeBodySchema = z.strictObject({
  name: z.string().min(1).max(128).describe('Unique in the organisation; registering again under it is the same node.'),
  instance: z.string().min(1).max(64).describe('Made new when the agent process starts.'),
  address: z.string().max(255).describe('Where ranks of other nodes reach ranks of this one.'),
  cores: z.int().min(1).max(4096).describe('Cores that runs may use.'),
  memoryBytes: z.number().min(0),
  cpuModel: z.string().max(256),
  isas: z.array(isaSchema).max(16),
  numericClasses: z
    .array(z.strictObject({ isa: isaSchema, numericClass: numericClassSchema }))
    .max(16)
    .default([]),
  agentVersion: z.string().max(64),
  pool: z.string().max(64).optional(),
});
export type RegisterNodeBody = z.input<typeof registerNodeBodySchema>;

export const registerNodeResponseSchema = z.object({
  nodeId: nodeIdSchema,
  taskQueue: z.string(),
  heartbeatSeconds: z.int(),
  temporal: z.object({ address: z.string(), namespace: z.string() }),
});
export type RegisterNodeResponse = z.infer<typeof registerNodeResponseSchema>;

export const heartbeatBodySchema = z.strictObject({
  instance: z.string().min(1).max(64),
  draining: z.boolean().default(false),
  ranks: z
    .array(z.strictObject({ runId: runIdSchema, generation, rank, step }))
    .max(limits.maxWorkers)
    .describe('Rank processes that live here now.'),
  load: z.strictObject({ cpuFraction: z.number().min(0), memoryBytes: z.number().min(0) }).optional(),
});
export type HeartbeatBody = z.input<typeof heartbeatBodySchema>;

export const heartbeatResponseSchema = z.object({
  draining: z.boolean(),
  stop: z
    .array(z.object({ runId: runIdSchema, generation }))
    .describe('Ranks of these generations are not wanted any more: end them.'),
});
export type HeartbeatResponse = z.infer<typeof heartbeatResponseSchema>;

/** What an agent needs to start its rank of a generation. */
export const generationResponseSchema = z.object({
  runId: runIdSchema,
  generation,
  nonce: z.string(),
  spec: resolvedSpecSchema,
  worldSize: z.int().min(1),
  threads: z.int().min(1),
  ranks: z.array(z.object({ rank, nodeId: nodeIdSchema, cpus: z.array(z.int()) })),
  checkpoint: checkpointSchemaOfRun.nullable().describe('Continue from it; null starts at step 0.'),
});
export type GenerationResponse = z.infer<typeof generationResponseSchema>;

export const rendezvousBodySchema = z.strictObject({ value: rendezvousValueSchema });
export const rendezvousResponseSchema = z.object({
  complete: z.boolean(),
  values: z.array(rendezvousValueSchema).describe('By rank; all of them once complete, empty before.'),
});
export type RendezvousResponse = z.infer<typeof rendezvousResponseSchema>;

export const agreementBodySchema = z.strictObject({ step, digest: sha256Schema });
export const agreementResponseSchema = z.object({
  verdict: z.enum(['waiting', 'agreed', 'diverged']),
  digests: z.array(z.object({ rank, digest: sha256Schema })),
});
export type AgreementResponse = z.infer<typeof agreementResponseSchema>;

export const batchSeriesSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_-]*(\/[A-Za-z0-9_.-]+)+$/)
    .max(128)
    .describe('`train/loss`, `sys/cpu` …'),
  labels: z.record(z.string().max(32), z.string().max(128)).default({}),
  steps: z.array(step).max(10_000),
  values: z.array(metricNumberSchema).max(10_000),
});

/** Rows of one source, in order. (run, generation, source, sequence) names a batch: sending it again changes nothing. */
export const batchBodySchema = z.strictObject({
  generation,
  source: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,31}$/)
    .describe('`rank-0`, `agent-1` … of this generation.'),
  sequence: sequence.describe('0, 1, 2 … of this source.'),
  sentAt: z.iso.datetime().optional(),
  progress: z
    .strictObject({
      step,
      epoch: z.int().min(0),
      samples: z.number().min(0).describe('Seen since the start of the run.'),
      trainingSeconds: z.number().min(0),
      coreSeconds: z.number().min(0),
      samplesPerSecond: z.number().min(0).nullable(),
    })
    .optional(),
  points: z.array(batchSeriesSchema).max(256).default([]),
  logs: z
    .array(
      z.strictObject({
        time: z.iso.datetime(),
        level: z.enum(['debug', 'info', 'warning', 'error']),
        text: z.string().max(16_384),
      }),
    )
    .max(5000)
    .default([]),
  events: z
    .array(
      z.strictObject({
        time: z.iso.datetime(),
        kind: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/),
        step: step.nullable().default(null),
        data: z.record(z.string().max(64), z.unknown()).default({}),
      }),
    )
    .max(1000)
    .default([]),
});
export type BatchBody = z.input<typeof batchBodySchema>;

export const batchResponseSchema = z.object({
  accepted: z.boolean().describe('False: it was there already.'),
  cursor: z.int(),
});
export type BatchResponse = z.infer<typeof batchResponseSchema>;

export const blobResponseSchema = z.object({ sha256: sha256Schema, bytes: z.int(), existed: z.boolean() });
export type BlobResponse = z.infer<typeof blobResponseSchema>;

/** The blobs of all files, the manifest among them as `manifest.json`, were put before this. */
export const recordCheckpointBodySchema = z.strictObject({
  sequence,
  step,
  epoch: z.int().min(0),
  best: z.boolean(),
  weightsDigest: sha256Schema,
  stateDigest: sha256Schema,
  files: z.array(checkpointFileSchema).min(1).max(64),
});
export type RecordCheckpointBody = z.input<typeof recordCheckpointBodySchema>;
export const recordCheckpointResponseSchema = z.object({ checkpointId: checkpointIdSchema });

/** How a rank of a generation ended. */
export const resultBodySchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('finished'),
    rank,
    step,
    epoch: z.int().min(0),
    reason: reasonCodeSchema,
    testLoss: z.number().nullable(),
    testAccuracy: z.number().min(0).max(1).nullable(),
    weightsDigest: sha256Schema,
    stateDigest: sha256Schema,
  }),
  z.strictObject({
    kind: z.literal('failed'),
    rank,
    code: z.string().max(128),
    message: z.string().max(16_384),
    node: z.string().max(limits.nameCharacters).nullable().default(null),
    step: step.nullable().default(null),
  }),
]);
export type ResultBody = z.input<typeof resultBodySchema>;

/** What an agent found out about a sample dataset that it prepared. */
export const datasetFactsBodySchema = z.strictObject({
  name: z.string().min(1).max(limits.nameCharacters),
  version: sha256Schema,
  trainSamples: z.int().min(1).max(limits.maxSamples),
  validationSamples: z.int().min(0).max(limits.maxSamples),
  sampleShape: z.array(z.int().min(1)).min(1).max(limits.maxRank),
  classes: z.int().min(2).max(limits.maxClasses),
  dtype: z.enum(['uint8', 'float32']),
  defaultInput: z
    .strictObject({ mean: z.array(z.number()), std: z.array(z.number()) })
    .nullable()
    .default(null),
});
export type DatasetFactsBody = z.input<typeof datasetFactsBodySchema>;

export const nodeParams = {
  run: z.strictObject({ runId: runIdSchema }),
  generation: z.strictObject({ runId: runIdSchema, generation: numericWord(2 ** 31) }),
  rank: z.strictObject({
    runId: runIdSchema,
    generation: numericWord(2 ** 31),
    rank: numericWord(limits.maxWorkers - 1),
  }),
  agreement: z.strictObject({ runId: runIdSchema, generation: numericWord(2 ** 31), sequence: numericWord(2 ** 31) }),
  agreementRank: z.strictObject({
    runId: runIdSchema,
    generation: numericWord(2 ** 31),
    sequence: numericWord(2 ** 31),
    rank: numericWord(limits.maxWorkers - 1),
  }),
  blob: z.strictObject({ sha256: sha256Schema }),
};
