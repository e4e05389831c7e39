import { isFinalRunState, type RunStreamEvent } from '@lockstep/contracts';
import { type Context, getRun } from '@lockstep/db';
import type { Container } from '../container.js';
import { runNews } from './run-news.js';

/** News may be lost with a connection: the database is asked after so long in any case, and whether the reader still may. */
const patienceMs = 2000;

export interface RunReader {
  readonly organisationId: string;
  readonly runId: string;
  readonly since: number;
}

/**
 * What happens in a run from a cursor on, until it has ended and everything was told. An empty list says that the reader was
 * checked again and there is nothing new.
 */
export async function* followRun(
  { db, runSignals }: Pick<Container, 'db' | 'runSignals'>,
  context: Context,
  { organisationId, runId, since }: RunReader,
  signal: AbortSignal,
): AsyncGenerator<readonly RunStreamEvent[], void, void> {
  const watch = runSignals.watch(runId);
  let cursor = since;
  try {
    while (!signal.aborted) {
      const news = await runNews(db, context, { organisationId, runId, since: cursor });
      yield news.events;
      cursor = news.cursor;
      if (!news.isAll) continue;
      const run = await getRun(db, context, { organisationId, runId });
      if (isFinalRunState(run.state) && run.cursor <= cursor) {
        yield [{ type: 'end', cursor, runId, time: run.finishedAt ?? run.createdAt, state: run.state }];
        return;
      }
      await watch.news(patienceMs, signal);
    }
  } finally {
    watch.close();
  }
}
