import { z } from 'zod';
import { limits } from '../limits/limits.js';
import { resolvedSpecSchema, sha256Schema } from '../run-spec/resolved-spec.js';
import { reasonCodeSchema, runStateSchema } from '../states/states.js';
import { runIdSchema, slugSchema, timeSchema } from './ids.js';
import { pageOf, pageQuery, queryInt } from './paging.js';

const tagSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$/, 'expected up to 64 letters, digits and . _ : / -');
export const tagsSchema = z.array(tagSchema).max(32);
const runNameSchema = z.string().trim().min(1).max(128);

/** The spec as text, read with line numbers in messages, or as the object that the text would give. */
const specSchema = z
  .union([z.string().min(1).max(limits.documentBytes), z.record(z.string(), z.unknown())])
  .describe('A run spec: YAML or JSON as text, or an object.');

const runSize = {
  workers: z
    .int()
    .min(1)
    .max(limits.maxWorkers)
    .default(1)
    .describe('Rank processes, each on a node of its own if there are enough.'),
  threads: z
    .int()
    .min(1)
    .max(limits.maxLanes)
    .default(1)
    .describe('Cores of each worker. Workers times threads is at most the number of lanes.'),
  minimumWorkers: z
    .int()
    .min(1)
    .max(limits.maxWorkers)
    .optional()
    .describe('Start and go on with so many where there are no more. The result is the same. Default: workers.'),
};

export const createRunBodySchema = z.strictObject({
  project: slugSchema.describe('Slug of the project.'),
  experiment: slugSchema.optional(),
  spec: specSchema,
  name: runNameSchema.optional(),
  notes: z.string().max(20_000).optional(),
  tags: tagsSchema.default([]),
  group: z.string().trim().min(1).max(128).optional(),
  ...runSize,
});
export type CreateRunBody = z.input<typeof createRunBodySchema>;

export const validateRunBodySchema = z.strictObject({ project: slugSchema, spec: specSchema, ...runSize });
export type ValidateRunBody = z.input<typeof validateRunBodySchema>;

export const validateRunResponseSchema = z.object({
  resolvedSpec: resolvedSpecSchema,
  lanes: z.int(),
  totalSteps: z.int(),
  memoryBytes: z.number().describe('Estimate for one worker.'),
});
export type ValidateRunResponse = z.infer<typeof validateRunResponseSchema>;

export const runFailureSchema = z.object({
  code: z.string(),
  message: z.string(),
  node: z.string().nullable(),
  step: z.int().nullable(),
});

export const runResultSchema = z.object({
  testAccuracy: z.number().nullable(),
  testLoss: z.number().nullable(),
  weightsDigest: sha256Schema.nullable(),
  stateDigest: sha256Schema.nullable(),
});

/** A run as lists show it. */
export const runSchema = z.object({
  id: runIdSchema,
  organisation: slugSchema,
  project: slugSchema,
  experiment: slugSchema.nullable(),
  name: z.string(),
  tags: z.array(z.string()),
  group: z.string().nullable(),
  state: runStateSchema,
  reason: reasonCodeSchema.nullable(),
  waitingFor: z.string().nullable().describe('Why the run waits, as a sentence; null if it does not.'),
  workers: z.int(),
  threads: z.int(),
  minimumWorkers: z.int(),
  generation: z.int().nullable(),
  step: z.int().describe('Optimizer steps done.'),
  totalSteps: z.int().nullable(),
  epoch: z.int(),
  epochs: z.int(),
  samplesPerSecond: z.number().nullable().describe('The latest that was measured.'),
  result: runResultSchema.nullable(),
  failure: runFailureSchema.nullable(),
  createdAt: timeSchema,
  startedAt: timeSchema.nullable(),
  finishedAt: timeSchema.nullable(),
  archivedAt: timeSchema.nullable(),
  createdBy: z.object({ kind: z.enum(['user', 'token', 'system']), name: z.string() }),
  url: z.string().describe('Page of the run.'),
});
export type Run = z.infer<typeof runSchema>;

export const runDetailSchema = runSchema.extend({
  notes: z.string(),
  requestedSpec: z.unknown(),
  resolvedSpec: resolvedSpecSchema,
  numericClass: sha256Schema.nullable(),
  cursor: z.int().describe('Where live events of this run begin after this answer.'),
  summary: z.record(
    z.string(),
    z.object({
      first: z.number().nullable(),
      last: z.number().nullable(),
      min: z.number().nullable(),
      max: z.number().nullable(),
      lastStep: z.int().nullable(),
    }),
  ),
});
export type RunDetail = z.infer<typeof runDetailSchema>;

export const listRunsQuerySchema = z.strictObject({
  ...pageQuery,
  project: slugSchema.optional(),
  experiment: slugSchema.optional(),
  group: z.string().max(128).optional(),
  state: runStateSchema.optional(),
  tag: tagSchema.optional(),
  search: z.string().max(128).optional().describe('Part of the name.'),
  archived: z.enum(['true', 'false']).optional().describe('Default false.'),
});
export const runPageSchema = pageOf(runSchema);

export const updateRunBodySchema = z.strictObject({
  name: runNameSchema.optional(),
  tags: tagsSchema.optional(),
  addTags: tagsSchema.optional().describe('To those that it has, or to `tags` where these are given.'),
  notes: z.string().max(20_000).optional(),
  archived: z.boolean().optional(),
});

export const waitQuerySchema = z.strictObject({
  timeoutSeconds: queryInt(0, 60).optional().describe('Default 30. The run is returned after that in any state.'),
});
