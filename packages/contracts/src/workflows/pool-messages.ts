import { z } from 'zod';

/** How many nodes a pool shall have. */
export const poolChangeSchema = z.strictObject({
  desired: z.int().min(0).max(1024),
  closing: z.boolean().optional().describe('The pool is deleted: it ends when it is empty.'),
});
export type PoolChange = z.infer<typeof poolChangeSchema>;

/** Everything that a pool's workflow knows; also its input. */
export interface PoolWorkflowState {
  poolId: string;
  desired: number;
  /** The pool is deleted: its workflow ends once it is empty. */
  closing: boolean;
}
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
