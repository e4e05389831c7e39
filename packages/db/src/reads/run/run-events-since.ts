import type { Context } from '../../access/actor.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';
import { requireRun } from './require-run.js';

export interface RunEventRow {
  readonly cursor: number;
  readonly time: string;
  readonly kind: string;
  readonly generation: number | null;
  readonly data: Record<string, unknown>;
}

/**
 * Events of a run after a cursor, oldest first. `cursor` of the answer is how far the run was: read metrics and logs up to
 * it, and ask from the last one that was shown next time.
 */
export async function runEventsSince(
  db: Db,
  context: Context,
  {
    organisationId,
    runId,
    since,
    limit = 1000,
  }: { organisationId: string; runId: string; since: number; limit?: number },
): Promise<{ cursor: number; events: RunEventRow[] }> {
  return reading(async () => {
    const { cursor } = await requireRun(db, context, organisationId, runId);
    const rows = await db.prisma.runEvent.findMany({
      where: { runId, cursor: { gt: since, lte: cursor } },
      orderBy: { cursor: 'asc' },
      take: limit,
    });
    return {
      cursor,
      events: rows.map((row) => ({
        cursor: Number(row.cursor),
        time: row.at.toISOString(),
        kind: row.kind,
        generation: row.generation,
        data: row.data as Record<string, unknown>,
      })),
    };
  });
}
