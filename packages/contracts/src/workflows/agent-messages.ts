import { z } from 'zod';
import { sha256Schema } from '../run-spec/resolved-spec.js';
import { reasonCodeSchema } from '../states/states.js';

/** A rank of one generation: what every activity of an agent is about. Everything else the agent asks the node API for. */
export const rankRefSchema = z.strictObject({
  runId: z.string().min(1).max(64),
  generation: z.int().min(1),
  rank: z.int().min(0),
});
export type RankRef = z.infer<typeof rankRefSchema>;

/** Starts the rank and returns at once; `watchTrainer` says how it goes on. Starting a rank that is there does nothing. */
export const startTrainerSchema = rankRefSchema.extend({
  deadlineMs: z.int().min(100).describe('How long the rank may be silent, and a collective may wait.'),
});
export type StartTrainer = z.infer<typeof startTrainerSchema>;

/** Returns when the rank is in another status than `seen`, or after `maxSeconds`. */
export const watchTrainerSchema = rankRefSchema.extend({
  seen: z.enum(['none', 'starting', 'ready', 'delivering']),
  maxSeconds: z.int().min(0).max(86_400),
});
export type WatchTrainer = z.infer<typeof watchTrainerSchema>;

export const stopTrainerSchema = rankRefSchema.extend({
  how: z.enum(['checkpoint', 'now']).describe('`checkpoint`: all ranks of the generation end at one step, after it.'),
});
export type StopTrainer = z.infer<typeof stopTrainerSchema>;

/** What a rank came to. A report beyond `delivering` is its last one. */
export const rankReportSchema = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('starting') }),
  z.strictObject({ status: z.literal('ready') }),
  /** The rank has finished; metrics and checkpoints are still on their way. */
  z.strictObject({ status: z.literal('delivering'), reason: reasonCodeSchema }),
  z.strictObject({
    status: z.literal('finished'),
    reason: reasonCodeSchema,
    step: z.int().min(0),
    epoch: z.int().min(0),
    testLoss: z.number().nullable(),
    testAccuracy: z.number().min(0).max(1).nullable(),
    weightsDigest: sha256Schema,
    stateDigest: sha256Schema,
  }),
  /** The run cannot go on, wherever it is tried. */
  z.strictObject({
    status: z.literal('failed'),
    code: z.string().max(128),
    message: z.string().max(16_384),
    node: z.string().nullable(),
    nodeOrder: z.int().nullable().describe('Of several ranks that failed at a step, the earliest node is told.'),
    step: z.int().min(0).nullable(),
  }),
  /** The rank is gone, or its peers are; another generation may do better. */
  z.strictObject({
    status: z.literal('lost'),
    message: z.string().max(16_384),
    crashed: z.boolean().describe('The process ended by its own fault.'),
    certain: z.boolean().describe('This rank was lost itself; otherwise it misses a peer.'),
  }),
  /** Ended because `stopTrainer` said so. */
  z.strictObject({ status: z.literal('stopped') }),
]);
export type RankReport = z.infer<typeof rankReportSchema>;
export type RankStatus = RankReport['status'];

/** What an agent does for workflows, by the name of the activity. */
export interface AgentActivities {
  startTrainer(input: StartTrainer): Promise<void>;
  watchTrainer(input: WatchTrainer): Promise<RankReport>;
  stopTrainer(input: StopTrainer): Promise<void>;
}
