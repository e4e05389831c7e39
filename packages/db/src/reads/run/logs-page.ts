import { LockstepError } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';
import { type LogChunkRow, type LogLineRow, linesOf } from './log-line-row.js';
import { requireRun } from './require-run.js';

export interface LogsPageInput {
  readonly organisationId: string;
  readonly runId: string;
  /** Lines after this one; a cursor of the run stands for the last line of its batch. */
  readonly cursor?: string;
  /** Lines of batches up to this cursor of the run. */
  readonly until?: number;
  readonly limit?: number;
}

/** Log lines of a run after a line, in the order in which they came. */
export async function logsPage(
  db: Db,
  context: Context,
  { organisationId, runId, cursor, until = Number.MAX_SAFE_INTEGER, limit = 200 }: LogsPageInput,
): Promise<{ items: LogLineRow[]; nextCursor: string | null }> {
  return reading(async () => {
    await requireRun(db, context, organisationId, runId);
    const [chunk, line] = parseCursor(cursor);
    const size = Math.max(1, Math.min(10_000, limit));
    // Chunks hold a line at least. The first may be one that was read to its end, so that none of its lines count here; the
    // chunk that begins where the page is full shows that it goes on.
    const { rows } = await db.pool.query<LogChunkRow>(
      `SELECT cursor, generation, source, lines
       FROM (SELECT *, sum(CASE WHEN cursor = $2 THEN 0 ELSE count END) OVER (ORDER BY cursor) - count AS before
             FROM (SELECT * FROM log_chunk WHERE run_id = $1 AND cursor BETWEEN $2 AND $3
                   ORDER BY cursor LIMIT $4 + 2) AS present) AS counted
       WHERE before <= $4 ORDER BY cursor`,
      [runId, chunk, until, size],
    );
    const items = rows
      .flatMap((row) => (row.cursor === chunk ? linesOf(row).slice(line + 1) : linesOf(row)))
      .slice(0, size + 1);
    if (items.length <= size) return { items, nextCursor: null };
    items.pop();
    return { items, nextCursor: items.at(-1)?.cursor ?? null };
  });
}

function parseCursor(cursor: string | undefined): [chunk: number, line: number] {
  if (cursor === undefined) return [0, -1];
  const match = /^(\d{1,15})(?:\.(\d{1,6}))?$/.exec(cursor);
  if (match === null)
    throw new LockstepError('bad-input.field', 'cursor: expected the cursor of a log line, got something else.');
  return [Number(match[1]), Number(match[2] ?? 999_999)];
}
