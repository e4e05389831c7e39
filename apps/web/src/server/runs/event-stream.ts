import { isFinalRunState, LockstepError, type RunStreamEvent } from '@lockstep/contracts';
import { type Context, getRun } from '@lockstep/db';
import type { Container } from '../container.js';
import { answerOf } from '../errors/answers.js';
import { runNews } from './run-news.js';

/** A comment goes out after so long without an event; every look also checks again whether the reader may read. */
const heartbeatMs = 15_000;
/** News may be lost with a connection: the database is asked after so long in any case. */
const patienceMs = 2000;

interface Reader {
  readonly organisationId: string;
  readonly runId: string;
  readonly since: number;
  readonly requestId: string;
}

/**
 * The live stream of a run as server-sent events, from a cursor on, until the run has ended and everything was sent. Only
 * the last event of a cursor has an id, so that whoever resumes gets all events of a cursor or none of them again.
 */
export async function* eventStream(
  { db, runSignals }: Container,
  context: Context,
  { organisationId, runId, since, requestId }: Reader,
  signal: AbortSignal,
): AsyncGenerator<string, void, void> {
  const watch = runSignals.watch(runId);
  let cursor = since;
  let lastSentAt = Date.now();
  try {
    yield 'retry: 1000\n\n';
    while (!signal.aborted) {
      const news = await runNews(db, context, { organisationId, runId, since: cursor });
      for (const [index, event] of news.events.entries()) {
        yield frame(event, news.events[index + 1]?.cursor === event.cursor ? null : event.cursor);
      }
      if (news.events.length > 0) lastSentAt = Date.now();
      cursor = news.cursor;
      if (!news.isAll) continue;
      const run = await getRun(db, context, { organisationId, runId });
      if (isFinalRunState(run.state) && run.cursor <= cursor) {
        yield frame({ type: 'end', cursor, runId, time: run.finishedAt ?? run.createdAt, state: run.state }, null);
        return;
      }
      if (Date.now() - lastSentAt >= heartbeatMs) {
        yield ': still here\n\n';
        lastSentAt = Date.now();
      }
      await watch.news(patienceMs, signal);
    }
  } catch (error) {
    if (signal.aborted) return;
    yield `event: problem\ndata: ${JSON.stringify(answerOf(error, requestId).body)}\n\n`;
    if (!(error instanceof LockstepError)) throw error;
  } finally {
    watch.close();
  }
}

function frame(event: RunStreamEvent, id: number | null): string {
  return `event: ${event.type}\n${id === null ? '' : `id: ${id}\n`}data: ${JSON.stringify(event)}\n\n`;
}

/** Where a stream begins: after the last event that the reader has seen. */
export function streamStart(headers: Headers, since: number | undefined): number {
  const last = headers.get('last-event-id');
  if (last === null || last === '') return since ?? 0;
  if (/^\d{1,15}$/.test(last)) return Number(last);
  throw new LockstepError(
    'bad-input.field',
    'Last-Event-ID: expected the id of an event of this stream, got something else.',
  );
}
