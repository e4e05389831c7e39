import { z } from 'zod';
import { resolvedSpecSchema, sha256Schema } from '../run-spec/resolved-spec.js';
import { reasonCodeSchema } from '../states/states.js';

const generation = z.int().min(0).describe('Membership generation; frames of another one are ignored.');
const step = z.int().min(0).describe('Optimizer steps done since the start of the run.');
const seconds = z.number().min(0);
const epoch = z.int().min(0);
const sequence = z
  .int()
  .min(0)
  .describe('Checkpoints of this generation before this one; the same on every rank. A step can have more than one.');

/** What makes two CPUs compute the same bits: the id is a SHA-256 over the parts. */
export const numericClassSchema = z.strictObject({
  id: sha256Schema,
  parts: z.record(z.string().max(64), z.string().max(4096)),
});
export type NumericClass = z.infer<typeof numericClassSchema>;

/** What a rank tells the others before they connect. */
export const rendezvousValueSchema = z.strictObject({
  rank: z.int().min(0),
  nonce: z.string().max(128),
  address: z.string().max(65536).describe('Address of the communicator, base64.'),
  numericClass: numericClassSchema,
});
export type RendezvousValue = z.infer<typeof rendezvousValueSchema>;

/** Frames from the supervisor to a rank. */
export const toRankFrameSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('start'),
    generation,
    nonce: z.string().min(1).max(128),
    spec: resolvedSpecSchema,
    rank: z.int().min(0),
    worldSize: z.int().min(1),
    threads: z.int().min(1),
    shards: z.strictObject({ train: z.string().nullable(), validation: z.string().nullable() }),
    checkpointDir: z.string().nullable().describe('Checkpoint to continue from; null starts at step 0.'),
    deadlineMs: z.int().min(1).describe('How long a collective waits for a peer.'),
    runDir: z.string(),
  }),
  z.strictObject({
    type: z.literal('rendezvous'),
    generation,
    values: z.array(rendezvousValueSchema).describe('By rank.'),
  }),
  z.strictObject({ type: z.literal('checkpoint-agreed'), generation, step, sequence }),
  z.strictObject({ type: z.literal('control'), generation, action: z.enum(['stop', 'checkpoint', 'stop-now']) }),
]);
export type ToRankFrame = z.infer<typeof toRankFrameSchema>;

/** Frames from a rank to the supervisor. */
export const fromRankFrameSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('hello'), generation, pid: z.int().min(1) }),
  z.strictObject({ type: z.literal('rendezvous'), generation, value: rendezvousValueSchema }),
  z.strictObject({ type: z.literal('ready'), generation, secondsToReady: seconds }),
  z.strictObject({
    type: z.literal('progress'),
    generation,
    epoch,
    step,
    steps: z.int().min(0).describe('Steps covered by the sums.'),
    lossSum: z.number(),
    correct: z.number().min(0),
    samples: z.number().min(0),
    samplesPerSecond: z.number().min(0),
    learningRate: z.number().min(0),
    seconds: seconds.describe('How long these steps took.'),
  }),
  z.strictObject({
    type: z.literal('epoch'),
    generation,
    epoch,
    step,
    loss: z.number(),
    accuracy: z.number().min(0).max(1),
  }),
  z.strictObject({
    type: z.literal('evaluating'),
    generation,
    epoch,
    step,
    batch: z.int().min(0).describe('Validation batches done.'),
    batches: z.int().min(0),
  }),
  z.strictObject({
    type: z.literal('validation'),
    generation,
    epoch,
    step,
    loss: z.number(),
    accuracy: z.number().min(0).max(1),
    samples: z.number().min(0),
    isBest: z.boolean(),
    seconds,
  }),
  z.strictObject({ type: z.literal('state-digest'), generation, step, sequence, digest: sha256Schema }),
  z.strictObject({ type: z.literal('checkpoint'), generation, step, sequence, path: z.string() }),
  z.strictObject({
    type: z.literal('heartbeat'),
    generation,
    step,
    /** Mean of this rank's steps since its last heartbeat; null where it made none. */
    stepSeconds: z.number().min(0).nullable(),
  }),
  z.strictObject({ type: z.literal('warning'), generation, code: z.string().max(128), message: z.string() }),
  z.strictObject({
    type: z.literal('finished'),
    generation,
    step,
    epoch,
    reason: reasonCodeSchema,
    testLoss: z.number().nullable(),
    testAccuracy: z.number().min(0).max(1).nullable(),
    weightsDigest: sha256Schema,
    stateDigest: sha256Schema,
  }),
  z.strictObject({
    type: z.literal('failed'),
    generation,
    code: z.string().max(128),
    message: z.string(),
    node: z.string().optional(),
    nodeOrder: z
      .int()
      .optional()
      .describe('Position of the node in execution order: the earliest of all ranks is told.'),
    step: step.optional(),
  }),
  z.strictObject({ type: z.literal('lost'), generation, message: z.string() }),
]);
export type FromRankFrame = z.infer<typeof fromRankFrameSchema>;
