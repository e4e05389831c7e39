import { LockstepError, type RendezvousValue } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';
import type { Prisma } from '../../generated/prisma/client.js';
import { lockRank } from './lock-rank.js';

export interface PublishRendezvousInput {
  readonly runId: string;
  readonly generation: number;
  readonly value: RendezvousValue;
}

/**
 * Publishes address and numeric class of a rank to the others of its generation. The first generation gives the run its
 * class.
 *
 * @throws LockstepError `numerics.class-refused` for another class than the run's
 */
export async function publishRendezvous(
  db: Db,
  context: Context,
  { runId, generation, value }: PublishRendezvousInput,
): Promise<void> {
  const { rank } = value;
  await inTransaction(db, async (tx, changed) => {
    const run = await lockRank(tx, context, { runId, generation, rank });
    const { nonce } = await tx.generation.findUniqueOrThrow({
      where: { runId_number: { runId, number: generation } },
      select: { nonce: true },
    });
    if (nonce !== value.nonce)
      throw new LockstepError(
        'infrastructure.stale-generation',
        'Expected the nonce of this generation, got another one.',
      );
    const { numericClass } = await tx.run.findUniqueOrThrow({ where: { id: runId }, select: { numericClass: true } });
    if (numericClass === null)
      await tx.run.update({
        where: { id: runId },
        data: { numericClass: value.numericClass.id },
        select: { id: true },
      });
    else if (numericClass !== value.numericClass.id)
      throw new LockstepError(
        'numerics.class-refused',
        `Rank ${rank} computes in numeric class ${value.numericClass.id.slice(0, 12)}, the run in ${numericClass.slice(0, 12)}. ` +
          'All ranks of a run must give the same bits. Use machines and builds of one class.',
      );
    const stored = value as unknown as Prisma.InputJsonObject;
    await tx.rendezvous.upsert({
      where: { runId_generation_rank: { runId, generation, rank } },
      create: { runId, generation, rank, value: stored },
      update: { value: stored },
      select: { rank: true },
    });
    changed(runId, run.cursor);
  });
}
