import type { AgreementResponse } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import type { Db } from '../../database/open-db.js';
import { inTransaction } from '../../database/transaction.js';
import { addEvent } from '../../runs/add-event.js';
import { agreementOf, type Digests } from '../../runs/agreement.js';
import { lockRank } from './lock-rank.js';

export interface PublishStateDigestInput {
  readonly runId: string;
  readonly generation: number;
  readonly rank: number;
  /** Checkpoints of this generation before this one. */
  readonly sequence: number;
  readonly step: number;
  readonly digest: string;
}

/** Publishes the digest of a rank's state; when all ranks have, it says whether they are equal. */
export async function publishStateDigest(
  db: Db,
  context: Context,
  { runId, generation, rank, sequence, step, digest }: PublishStateDigestInput,
): Promise<AgreementResponse> {
  return inTransaction(db, async (tx, changed) => {
    const run = await lockRank(tx, context, { runId, generation, rank });
    const { worldSize } = await tx.generation.findUniqueOrThrow({
      where: { runId_number: { runId, number: generation } },
      select: { worldSize: true },
    });
    const where = { runId_generation_sequence: { runId, generation, sequence } };
    const before = await tx.agreement.findUnique({ where });
    // Ranks that are not at the same step differ, whatever their digests are.
    const told = before !== null && before.step !== BigInt(step) ? `${digest}@${step}` : digest;
    const digests: Digests = { ...((before?.digests as Digests | undefined) ?? {}), [rank]: told };
    const agreement = agreementOf(digests, worldSize);
    const decidedAt = agreement.verdict === 'waiting' ? null : new Date();
    await tx.agreement.upsert({
      where,
      create: { runId, generation, sequence, step, digests, verdict: agreement.verdict, decidedAt },
      update: { digests, verdict: agreement.verdict, decidedAt },
      select: { sequence: true },
    });
    if (agreement.verdict === 'diverged' && before?.verdict !== 'diverged')
      await addEvent(tx, run, { kind: 'diverged', data: { step, digests }, generation }, changed);
    else changed(runId, run.cursor);
    return agreement;
  });
}
