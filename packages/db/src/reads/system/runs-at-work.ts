import type { RunState } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import { requireSystem } from '../../access/authorise.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';

export interface RunAtWork {
  readonly runId: string;
  readonly organisationId: string;
  readonly state: RunState;
  readonly generation: number;
  readonly cancelRequested: boolean;
  readonly createdAt: Date;
}

/** Runs that have not ended, oldest first: whoever starts workflows looks whether each has one. */
export async function runsAtWork(
  db: Db,
  context: Context,
  { after, limit = 500 }: { after?: string; limit?: number } = {},
): Promise<RunAtWork[]> {
  requireSystem(context);
  return reading(async () => {
    const rows = await db.prisma.run.findMany({
      where: {
        state: { notIn: ['completed', 'failed', 'cancelled'] },
        deletedAt: null,
        ...(after === undefined ? {} : { id: { gt: after } }),
      },
      orderBy: { id: 'asc' },
      take: limit,
      select: {
        id: true,
        organisationId: true,
        state: true,
        cancelRequestedAt: true,
        createdAt: true,
        progress: { select: { generation: true } },
      },
    });
    return rows.map(({ id, organisationId, state, cancelRequestedAt, createdAt, progress }) => ({
      runId: id,
      organisationId,
      state,
      generation: progress?.generation ?? 0,
      cancelRequested: cancelRequestedAt !== null,
      createdAt,
    }));
  });
}
