import type { RunCheckpoint } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';
import { type Page, type PageInput, pageOf, pageSize, requireCursor } from '../paging.js';
import { checkpointSelect, toCheckpoint } from './checkpoint-row.js';
import { requireRun } from './require-run.js';

/** Checkpoints of a run, newest first. */
export async function checkpoints(
  db: Db,
  context: Context,
  { organisationId, runId, cursor, limit }: PageInput & { organisationId: string; runId: string },
): Promise<Page<RunCheckpoint>> {
  return reading(async () => {
    await requireRun(db, context, organisationId, runId);
    const size = pageSize(limit);
    const before = requireCursor(cursor, /^ckp_[0-9a-f-]{36}$/);
    const rows = await db.prisma.checkpoint.findMany({
      where: { organisationId, runId, ...(before === undefined ? {} : { id: { lt: before } }) },
      orderBy: { id: 'desc' },
      take: size + 1,
      select: checkpointSelect,
    });
    return pageOf(rows, size, ({ id }) => id, toCheckpoint);
  });
}
