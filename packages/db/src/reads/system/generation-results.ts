import type { ResultBody } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import { requireSystem } from '../../access/authorise.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';

export interface RankResult {
  readonly rank: number;
  readonly nodeId: string;
  readonly finished: Extract<ResultBody, { kind: 'finished' }> | null;
  readonly failed: Extract<ResultBody, { kind: 'failed' }> | null;
}

/** What the ranks of a generation reported at their end. */
export async function generationResults(
  db: Db,
  context: Context,
  { runId, generation }: { runId: string; generation: number },
): Promise<RankResult[]> {
  requireSystem(context);
  return reading(async () => {
    const rows = await db.prisma.generationRank.findMany({ where: { runId, generation }, orderBy: { rank: 'asc' } });
    return rows.map(({ rank, nodeId, finished, failed }) => ({
      rank,
      nodeId,
      finished: finished as RankResult['finished'],
      failed: failed as RankResult['failed'],
    }));
  });
}
