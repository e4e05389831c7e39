import { LockstepError } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';
import { requireRun } from './require-run.js';

export interface LogLineRow {
  /** `<cursor of the batch>.<line in it>`, both from what the page starts after. */
  readonly cursor: string;
  readonly time: string;
  readonly source: string;
  readonly generation: number | null;
  readonly level: 'debug' | 'info' | 'warning' | 'error';
  readonly text: string;
}

type StoredLine = Pick<LogLineRow, 'time' | 'level' | 'text'>;

/** Log lines of a run after a line, in the order in which they came. */
export async function logsPage(
  db: Db,
  context: Context,
  {
    organisationId,
    runId,
    cursor,
    limit = 200,
  }: { organisationId: string; runId: string; cursor?: string; limit?: number },
): Promise<{ items: LogLineRow[]; nextCursor: string | null }> {
  return reading(async () => {
    await requireRun(db, context, organisationId, runId);
    const [chunk, line] = parseCursor(cursor);
    const size = Math.max(1, Math.min(10_000, limit));
    // Chunks hold a line at least. The first may be one that was read to its end; one more than a page shows that it goes on.
    const rows = await db.prisma.logChunk.findMany({
      where: { runId, cursor: { gte: chunk } },
      orderBy: { cursor: 'asc' },
      take: size + 2,
    });
    const items: LogLineRow[] = [];
    for (const row of rows) {
      for (const [index, each] of (row.lines as unknown as StoredLine[]).entries()) {
        if (Number(row.cursor) === chunk && index <= line) continue;
        if (items.length === size) return { items, nextCursor: items.at(-1)?.cursor ?? null };
        items.push({
          cursor: `${row.cursor}.${index}`,
          time: each.time,
          source: row.source,
          generation: row.generation,
          level: each.level,
          text: each.text,
        });
      }
    }
    return { items, nextCursor: null };
  });
}

function parseCursor(cursor: string | undefined): [chunk: number, line: number] {
  if (cursor === undefined) return [0, -1];
  const match = /^(\d{1,15})(?:\.(\d{1,6}))?$/.exec(cursor);
  if (match === null)
    throw new LockstepError('bad-input.field', 'cursor: expected the cursor of a log line, got something else.');
  return [Number(match[1]), Number(match[2] ?? 999_999)];
}
