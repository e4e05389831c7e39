import type { RunCheckpoint } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import { notFound } from '../../access/refusals.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';
import { checkpointSelect, toCheckpoint } from './checkpoint-row.js';
import { requireRun } from './require-run.js';

/** One checkpoint of a run, with where its files are stored. */
export async function getCheckpoint(
  db: Db,
  context: Context,
  { organisationId, runId, checkpointId }: { organisationId: string; runId: string; checkpointId: string },
): Promise<RunCheckpoint> {
  return reading(async () => {
    await requireRun(db, context, organisationId, runId);
    const row = await db.prisma.checkpoint.findFirst({
      where: { id: checkpointId, organisationId, runId },
      select: checkpointSelect,
    });
    if (row === null) throw notFound('checkpoint');
    return toCheckpoint(row);
  });
}
