import { z } from 'zod';
import { sha256Schema } from '../run-spec/resolved-spec.js';
import { reasonCodeSchema, runStateSchema } from '../states/states.js';

const runId = z.string().min(1).max(64);

/** One rank's place. */
export const rankPlaceSchema = z.strictObject({
  rank: z.int().min(0),
  nodeId: z.string().min(1).max(64),
  taskQueue: z.string().min(1).max(128),
});
export type RankPlace = z.infer<typeof rankPlaceSchema>;

export const runWorkflowFailureSchema = z.strictObject({
  code: z.string().max(128),
  message: z.string().max(16_384),
  node: z.string().nullable(),
  step: z.int().min(0).nullable(),
});
export type RunWorkflowFailure = z.infer<typeof runWorkflowFailureSchema>;

/** What a run came to. */
export const runOutcomeSchema = z.strictObject({
  state: z.enum(['completed', 'failed', 'cancelled']),
  reason: reasonCodeSchema,
  failure: runWorkflowFailureSchema.nullable(),
  result: z
    .strictObject({
      step: z.int().min(0),
      epoch: z.int().min(0),
      testLoss: z.number().nullable(),
      testAccuracy: z.number().min(0).max(1).nullable(),
      weightsDigest: sha256Schema,
      stateDigest: sha256Schema,
    })
    .nullable(),
});
export type RunOutcome = z.infer<typeof runOutcomeSchema>;

/** Everything that a run's workflow knows. It goes through continue-as-new as a whole. */
export const runWorkflowStateSchema = z.strictObject({
  runId,
  /** Where the ranks are; empty while the run has no place. */
  places: z.array(rankPlaceSchema),
  /** Number of the newest generation; 0 before the first. */
  generation: z.int().min(0),
  /** Step that the newest generation started from. */
  originStep: z.int().min(0),
  /** Generations lost since the run got further, and those among them that will most likely be lost again. */
  losses: z.int().min(0),
  unlikely: z.int().min(0),
  /** What a wait is for, and how often it was in vain. */
  pauseMs: z.int().min(0),
  vainPlacements: z.int().min(0),
  cancelled: z.boolean(),
  /** What was written last, so that nothing is written twice. */
  told: z.strictObject({
    state: runStateSchema,
    reason: reasonCodeSchema.nullable(),
    message: z.string().nullable(),
  }),
  outcome: runOutcomeSchema.nullable(),
});
export type RunWorkflowState = z.infer<typeof runWorkflowStateSchema>;

/** `carried` is null when the run's workflow is started, and its whole state when it continues as new. */
export const runWorkflowInputSchema = z.strictObject({ runId, carried: runWorkflowStateSchema.nullable() });
export type RunWorkflowInput = z.infer<typeof runWorkflowInputSchema>;

export const placeRunResultSchema = z.discriminatedUnion('placed', [
  z.strictObject({ placed: z.literal(true), places: z.array(rankPlaceSchema).min(1) }),
  z.strictObject({
    placed: z.literal(false),
    reason: reasonCodeSchema,
    message: z.string().describe('Why the run waits, for people.'),
  }),
]);
export type PlaceRunResult = z.infer<typeof placeRunResultSchema>;

export const formGenerationResultSchema = z.strictObject({
  generation: z.int().min(1),
  originStep: z.int().min(0).describe('Step of the checkpoint that it continues from; 0 without one.'),
});
export type FormGenerationResult = z.infer<typeof formGenerationResultSchema>;

export const setRunStateSchema = z.strictObject({
  runId,
  generation: z.int().min(0).describe('The newest generation as the workflow knows it; an older one is refused.'),
  state: runStateSchema,
  reason: reasonCodeSchema.nullable(),
  message: z.string().nullable(),
});
export type SetRunState = z.infer<typeof setRunStateSchema>;

/** What control workers do for a run's workflow, by the name of the activity. All of them may be repeated. */
export interface RunActivities {
  placeRun(input: { runId: string }): Promise<PlaceRunResult>;
  /** Gives places on certain nodes back; their agents did not answer. */
  releaseRun(input: { runId: string; nodeIds: string[] }): Promise<void>;
  /** `generation` is the one that the workflow wants to form; asking again for the same gives the same. */
  formGeneration(input: { runId: string; generation: number }): Promise<FormGenerationResult>;
  endGeneration(input: {
    runId: string;
    generation: number;
    outcome: 'finished' | 'lost' | 'failed' | 'stopped';
    message: string | null;
  }): Promise<void>;
  setRunState(input: SetRunState): Promise<void>;
  finishRun(input: { runId: string; generation: number; outcome: RunOutcome }): Promise<void>;
}
