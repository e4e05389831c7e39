import type { AgreementResponse } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import { notFound } from '../../access/refusals.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';
import { agreementOf, type Digests } from '../../runs/agreement.js';
import { requireRank } from '../../verbs/generation/lock-rank.js';

/** Whether the ranks of a generation hold the same state at a checkpoint. */
export async function agreement(
  db: Db,
  context: Context,
  { runId, generation, sequence }: { runId: string; generation: number; sequence: number },
): Promise<AgreementResponse> {
  return reading(async () => {
    await requireRank(db.prisma, context, { runId, generation, rank: null });
    const [formed, row] = await Promise.all([
      db.prisma.generation.findUnique({
        where: { runId_number: { runId, number: generation } },
        select: { worldSize: true },
      }),
      db.prisma.agreement.findUnique({ where: { runId_generation_sequence: { runId, generation, sequence } } }),
    ]);
    if (formed === null) throw notFound('generation');
    return agreementOf((row?.digests as Digests | undefined) ?? {}, formed.worldSize);
  });
}
