import type { RendezvousValue } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import { notFound } from '../../access/refusals.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';
import { requireRank } from '../../verbs/generation/lock-rank.js';

/**
 * What the ranks of a generation published; complete when all did. Every publishing is told to `listenRuns`.
 */
export async function rendezvousValues(
  db: Db,
  context: Context,
  { runId, generation }: { runId: string; generation: number },
): Promise<{ complete: boolean; values: RendezvousValue[] }> {
  return reading(async () => {
    await requireRank(db.prisma, context, { runId, generation, rank: null });
    const [formed, rows] = await Promise.all([
      db.prisma.generation.findUnique({
        where: { runId_number: { runId, number: generation } },
        select: { worldSize: true },
      }),
      db.prisma.rendezvous.findMany({ where: { runId, generation }, orderBy: { rank: 'asc' } }),
    ]);
    if (formed === null) throw notFound('generation');
    const complete = rows.length === formed.worldSize;
    return { complete, values: complete ? rows.map(({ value }) => value as unknown as RendezvousValue) : [] };
  });
}
