import { z } from 'zod';
import { isaSchema } from '../run-spec/parts.js';
import { nodeIdSchema, runIdSchema, timeSchema } from './ids.js';
import { pageOf } from './paging.js';

/** What runs on a node. */
export const nodeUseSchema = z.object({
  runId: runIdSchema,
  name: z.string(),
  project: z.string(),
  ranks: z.array(z.int()).describe('Ranks of the run that are on this node.'),
  cores: z.int(),
});
export type NodeUse = z.infer<typeof nodeUseSchema>;

export const nodeSchema = z.object({
  id: nodeIdSchema,
  name: z.string(),
  pool: z.string().nullable(),
  cores: z.int(),
  usedCores: z.int(),
  uses: z
    .array(nodeUseSchema)
    .describe('Runs that have these cores; those of other projects are not named to a token for one.'),
  memoryBytes: z.number(),
  cpuModel: z.string(),
  isas: z.array(isaSchema),
  numericClasses: z
    .partialRecord(isaSchema, z.string())
    .describe('By instruction set. Nodes of one class compute the same bits; a run stays within one.'),
  state: z
    .enum(['ready', 'draining', 'unreachable', 'gone'])
    .describe('Unreachable follows from the last heartbeat; it is not stored.'),
  isDraining: z.boolean().describe('Takes no new ranks, also where it cannot be reached.'),
  lastSeenAt: timeSchema.nullable(),
  createdAt: timeSchema,
});
export type NodeRow = z.infer<typeof nodeSchema>;
export const nodePageSchema = pageOf(nodeSchema);

export const meSchema = z.object({
  organisation: z.object({ slug: z.string(), name: z.string() }),
  actor: z.object({ kind: z.enum(['user', 'token']), name: z.string() }),
  scopes: z.array(z.string()).describe('What this token may do now: its scopes, less what its owner may not.'),
  role: z.enum(['owner', 'admin', 'member', 'viewer']),
  project: z.string().nullable().describe('The one project that the token is for; null for all.'),
  expiresAt: timeSchema.nullable(),
});
export type Me = z.infer<typeof meSchema>;
