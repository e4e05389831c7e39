import type { LogLine, RunStreamEvent } from '@lockstep/contracts';
import { type Context, type Db, logsPage, metricsSince, runEventsSince } from '@lockstep/db';
import { toMetricNumber } from './metric-number.js';

/** Cursors that are read at once. A cursor stands for at most one event, one batch of metrics and one of logs. */
const windowCursors = 100;
/** More lines than one batch of logs may have. */
const windowLines = 10_000;

export interface RunNews {
  /** In the order of their cursors; those of one cursor stand together. */
  readonly events: readonly RunStreamEvent[];
  /** Everything up to here was read. */
  readonly cursor: number;
  /** There was nothing beyond `cursor` when it was read. */
  readonly isAll: boolean;
}

/**
 * What happened in a run after a cursor. The run's cursor is read first: rows up to it were committed with it, so that
 * nothing is missed, however the reads that follow fall between writes.
 */
export async function runNews(
  db: Db,
  context: Context,
  { organisationId, runId, since }: { organisationId: string; runId: string; since: number },
): Promise<RunNews> {
  const { cursor: present, events } = await runEventsSince(db, context, {
    organisationId,
    runId,
    since,
    limit: windowCursors,
  });
  const windowEnd = Math.min(present, since + windowCursors);
  if (windowEnd <= since) return { events: [], cursor: since, isAll: true };
  const [batches, logs] = await Promise.all([
    metricsSince(db, context, { organisationId, runId, since, limit: windowCursors }),
    logsPage(db, context, { organisationId, runId, cursor: String(since), until: windowEnd, limit: windowLines }),
  ]);
  const chunkOf = (cursor: string): number => Number.parseInt(cursor, 10);
  const lastLine = logs.items.at(-1);
  // A page that is full may end within a batch: that batch is left for the next look.
  const end =
    logs.nextCursor === null || lastLine === undefined ? windowEnd : Math.min(windowEnd, chunkOf(lastLine.cursor) - 1);
  const chunks = new Map<number, LogLine[]>();
  for (const line of logs.items) {
    const chunk = chunkOf(line.cursor);
    const lines = chunks.get(chunk);
    if (lines === undefined) chunks.set(chunk, [line]);
    else lines.push(line);
  }
  const found: RunStreamEvent[] = [
    ...events.map((event) => toStreamEvent(runId, event)),
    ...batches.map(({ cursor, time, source, generation, sequence, series }) => ({
      type: 'metrics' as const,
      cursor,
      runId,
      time,
      source,
      generation,
      sequence,
      series: series.map(({ name, labels, steps, values }) => ({
        name,
        labels,
        steps: [...steps],
        values: values.map(toMetricNumber),
      })),
    })),
    ...[...chunks].map(([cursor, lines]) => ({
      type: 'logs' as const,
      cursor,
      runId,
      time: lines[0]?.time ?? '',
      lines,
    })),
  ];
  return {
    events: found.filter(({ cursor }) => cursor <= end).sort((a, b) => a.cursor - b.cursor),
    cursor: end,
    isAll: end === present,
  };
}

type EventRow = Awaited<ReturnType<typeof runEventsSince>>['events'][number];

function toStreamEvent(runId: string, { cursor, time, kind, generation, data }: EventRow): RunStreamEvent {
  const base = { cursor, runId, time };
  if (kind !== 'state') return { type: 'event', ...base, kind, data: { ...data, generation } };
  const { state, reason } = data as Pick<Extract<RunStreamEvent, { type: 'state' }>, 'state' | 'reason'>;
  return { type: 'state', ...base, state, reason: reason ?? null };
}
