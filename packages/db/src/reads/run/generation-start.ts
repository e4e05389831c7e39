import type { GenerationResponse, ResolvedSpec } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import { notFound } from '../../access/refusals.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';
import { requireRank } from '../../verbs/generation/lock-rank.js';
import { checkpointSelect, toCheckpoint } from './checkpoint-row.js';

/** What a node starts its rank of a generation with. */
export async function generationStart(
  db: Db,
  context: Context,
  { runId, generation }: { runId: string; generation: number },
): Promise<GenerationResponse> {
  return reading(async () => {
    await requireRank(db.prisma, context, { runId, generation, rank: null });
    const formed = await db.prisma.generation.findUnique({
      where: { runId_number: { runId, number: generation } },
      include: { ranks: { orderBy: { rank: 'asc' } }, run: { select: { resolvedSpec: true } } },
    });
    if (formed === null) throw notFound('generation');
    const [allocations, checkpoint] = await Promise.all([
      db.prisma.allocation.findMany({
        where: { runId, nodeId: { in: formed.ranks.map(({ nodeId }) => nodeId) } },
        orderBy: { id: 'desc' },
      }),
      formed.checkpointId === null
        ? null
        : db.prisma.checkpoint.findUnique({ where: { id: formed.checkpointId }, select: checkpointSelect }),
    ]);
    return {
      runId,
      generation,
      nonce: formed.nonce,
      spec: formed.run.resolvedSpec as unknown as ResolvedSpec,
      worldSize: formed.worldSize,
      threads: formed.threads,
      ranks: formed.ranks.map(({ rank, nodeId }) => ({
        rank,
        nodeId,
        cpus: allocations.find((each) => each.nodeId === nodeId && each.rank === rank)?.cpus ?? [],
      })),
      checkpoint: checkpoint === null ? null : toCheckpoint(checkpoint),
    };
  });
}
