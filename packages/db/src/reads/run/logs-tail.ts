import type { Context } from '../../access/actor.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';
import { type LogChunkRow, type LogLineRow, linesOf } from './log-line-row.js';
import { requireRun } from './require-run.js';

export interface LogsTail {
  /** Every line up to this cursor of the run was counted; what came after it is told by later reads. */
  readonly cursor: number;
  /** The newest lines, in the order in which they came. */
  readonly items: readonly LogLineRow[];
  /** Lines that the run has, these included. */
  readonly total: number;
}

/** The last lines of a run. */
export async function logsTail(
  db: Db,
  context: Context,
  { organisationId, runId, last }: { organisationId: string; runId: string; last: number },
): Promise<LogsTail> {
  return reading(async () => {
    const { cursor } = await requireRun(db, context, organisationId, runId);
    const [counted, chunks] = await Promise.all([
      db.pool.query<{ total: number }>(
        'SELECT coalesce(sum(count), 0)::bigint AS total FROM log_chunk WHERE run_id = $1 AND cursor <= $2',
        [runId, cursor],
      ),
      // Chunks hold a line at least, so that no more of them are looked at than lines are wanted.
      db.pool.query<LogChunkRow>(
        `SELECT cursor, generation, source, lines
         FROM (SELECT *, sum(count) OVER (ORDER BY cursor DESC) - count AS newer
               FROM (SELECT * FROM log_chunk WHERE run_id = $1 AND cursor <= $2
                     ORDER BY cursor DESC LIMIT $3) AS newest) AS counted
         WHERE newer < $3 ORDER BY cursor`,
        [runId, cursor, last],
      ),
    ]);
    return {
      cursor,
      items: chunks.rows.flatMap(linesOf).slice(-last),
      total: counted.rows[0]?.total ?? 0,
    };
  });
}
