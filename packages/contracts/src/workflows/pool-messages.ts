import { z } from 'zod';

/** How many nodes a pool shall have. */
export const poolChangeSchema = z.strictObject({
  desired: z.int().min(0).max(1024),
  closing: z.boolean().optional().describe('The pool is deleted: it ends when it is empty.'),
});
export type PoolChange = z.infer<typeof poolChangeSchema>;

export const poolWorkflowStateSchema = z.strictObject({
  poolId: z.string().min(1).max(64),
  desired: z.int().min(0).max(1024),
  /** Set when the pool is deleted: it ends once it is empty. */
  closing: z.boolean(),
});
export type PoolWorkflowState = z.infer<typeof poolWorkflowStateSchema>;

export const poolWorkflowInputSchema = poolWorkflowStateSchema;
export type PoolWorkflowInput = PoolWorkflowState;

/** What one look at a pool found and did. */
export const reconcileResultSchema = z.strictObject({
  members: z.int().min(0).describe('Nodes that the provider reports, those that are going included.'),
  started: z.int().min(0),
  draining: z.int().min(0),
  stopped: z.int().min(0),
});
export type ReconcileResult = z.infer<typeof reconcileResultSchema>;

export interface PoolActivities {
  /** Compares what the provider reports with what is wanted and takes one step towards it. May be repeated. */
  reconcilePool(input: { poolId: string; desired: number }): Promise<ReconcileResult>;
}
