import type { LogLine } from '@lockstep/contracts';

/** All of them are in the export. */
const keptLines = 20_000;

/** What is at hand of the log of a run. */
export interface RunLines {
  /** The newest, in the order in which they came. */
  readonly lines: readonly LogLine[];
  /** Lines that the run has, these included. */
  readonly total: number;
}

/** With lines that came later; those that are in already are known by their cursors. */
export function withLines(log: RunLines, news: readonly LogLine[]): RunLines {
  const last = log.lines.at(-1)?.cursor;
  const added = last === undefined ? news : news.filter(({ cursor }) => isLater(cursor, last));
  if (added.length === 0) return log;
  return { lines: [...log.lines, ...added].slice(-keptLines), total: log.total + added.length };
}

/** Cursors of lines are `<batch>.<line>`. */
function isLater(cursor: string, than: string): boolean {
  const [batch = 0, line = 0] = cursor.split('.').map(Number);
  const [thanBatch = 0, thanLine = 0] = than.split('.').map(Number);
  return batch > thanBatch || (batch === thanBatch && line > thanLine);
}
