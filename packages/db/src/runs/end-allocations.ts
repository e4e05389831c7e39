import type { Tx } from '../database/transaction.js';

/** Gives CPUs back. @param nodeIds of these nodes only; null for all of the run */
export async function endAllocations(tx: Tx, runId: string, nodeIds: readonly string[] | null): Promise<number> {
  const { count } = await tx.allocation.updateMany({
    where: { runId, endedAt: null, ...(nodeIds === null ? {} : { nodeId: { in: [...nodeIds] } }) },
    data: { endedAt: new Date() },
  });
  return count;
}
