import { type Context, getRun, logsPage, metricSeries } from '@lockstep/db';
import type { Container } from '../../container.js';
import { bytesAnswer } from '../../http/answer.js';
import { csvLine } from '../../http/csv.js';
import { streamOf } from '../../http/stream.js';
import { describeError, log } from '../../log.js';
import { eventStream, streamStart } from '../../runs/event-stream.js';
import { runNews } from '../../runs/run-news.js';
import type { RestCall, RestHandler } from '../call.js';

interface OfRun {
  readonly organisationId: string;
  readonly runId: string;
}

const namesOf = (series: string | undefined): string[] | undefined => series?.split(',');

export const getMetricsHandler: RestHandler<'getMetrics'> = async (
  { container, context, caller },
  { params, query },
) => {
  const { series, ...range } = query;
  const names = namesOf(series);
  const found = await metricSeries(container.db, context, {
    organisationId: caller.organisationId,
    ...params,
    ...range,
    ...(names === undefined ? {} : { names }),
  });
  return { runId: params.runId, ...found };
};

export const getLogsHandler: RestHandler<'getLogs'> = ({ container, context, caller }, { params, query }) =>
  logsPage(container.db, context, { organisationId: caller.organisationId, ...params, ...query });

export const streamEventsHandler: RestHandler<'streamEvents'> = async (call, { params, query }) => {
  const { container, context, caller, request, requestId } = call;
  const since = streamStart(request.headers, query.since);
  const run = { organisationId: caller.organisationId, runId: params.runId };
  // Before the answer begins, so that a run that may not be seen is "not found".
  await getRun(container.db, context, run);
  const body = streamOf(
    (gone) => eventStream(container, context, { ...run, since, requestId }, AbortSignal.any([gone, request.signal])),
    logFailure(call),
  );
  return bytesAnswer(body, requestId, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'X-Accel-Buffering': 'no',
  });
};

export const exportMetricsHandler: RestHandler<'exportMetrics'> = async (call, { params, query }) => {
  const { container, context, caller } = call;
  const run = { organisationId: caller.organisationId, ...params };
  await getRun(container.db, context, run);
  const names = namesOf(query.series);
  return exportAnswer(call, `${params.runId}-metrics`, query.format, ['series', 'labels', 'step', 'value'], () =>
    metricRows(container, context, run, names === undefined ? null : new Set(names)),
  );
};

export const exportLogsHandler: RestHandler<'exportLogs'> = async (call, { params, query }) => {
  const { container, context, caller } = call;
  const run = { organisationId: caller.organisationId, ...params };
  await getRun(container.db, context, run);
  const columns = ['time', 'source', 'generation', 'level', 'text'];
  return exportAnswer(call, `${params.runId}-logs`, query.format, columns, () => logRows(container, context, run));
};

type Row = readonly (string | number | null)[];

async function* metricRows(
  { db }: Container,
  context: Context,
  run: OfRun,
  names: ReadonlySet<string> | null,
): AsyncGenerator<Row, void, void> {
  for (let since = 0, isAll = false; !isAll; ) {
    const news = await runNews(db, context, { ...run, since });
    for (const event of news.events) {
      if (event.type !== 'metrics') continue;
      for (const { name, labels, steps, values } of event.series) {
        if (names !== null && !names.has(name)) continue;
        const labelText = Object.entries(labels)
          .map(([label, value]) => `${label}=${value}`)
          .join(';');
        for (const [index, step] of steps.entries()) yield [name, labelText, step, values[index] ?? null];
      }
    }
    since = news.cursor;
    isAll = news.isAll;
  }
}

async function* logRows({ db }: Container, context: Context, run: OfRun): AsyncGenerator<Row, void, void> {
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof logsPage>> = await logsPage(db, context, {
      ...run,
      limit: 1000,
      ...(cursor === null ? {} : { cursor }),
    });
    for (const { time, source, generation, level, text } of page.items) yield [time, source, generation, level, text];
    cursor = page.nextCursor;
  } while (cursor !== null);
}

/** Rows as a file, made while it is read. */
function exportAnswer(
  call: RestCall,
  name: string,
  format: 'json' | 'csv',
  columns: readonly string[],
  rows: () => AsyncGenerator<Row, void, void>,
): Response {
  const body = streamOf(() => (format === 'csv' ? csvOf(columns, rows()) : jsonOf(columns, rows())), logFailure(call));
  return bytesAnswer(body, call.requestId, {
    'Content-Type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json',
    'Content-Disposition': `attachment; filename="${name}.${format}"`,
  });
}

/** Characters that are gathered before they are sent. */
const pieceCharacters = 64 * 1024;

async function* csvOf(
  columns: readonly string[],
  rows: AsyncGenerator<Row, void, void>,
): AsyncGenerator<string, void, void> {
  let piece = csvLine(columns);
  for await (const row of rows) {
    piece += csvLine(row);
    if (piece.length < pieceCharacters) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}

async function* jsonOf(
  columns: readonly string[],
  rows: AsyncGenerator<Row, void, void>,
): AsyncGenerator<string, void, void> {
  let piece = '[';
  let separator = '\n';
  for await (const row of rows) {
    piece += separator + JSON.stringify(Object.fromEntries(columns.map((column, index) => [column, row[index]])));
    separator = ',\n';
    if (piece.length < pieceCharacters) continue;
    yield piece;
    piece = '';
  }
  yield `${piece}\n]\n`;
}

function logFailure({ requestId }: RestCall): (error: unknown) => void {
  return (error) => log('error', 'a stream broke off', { requestId, error: describeError(error) });
}
