import { type Context, getRun, logsPage } from '@lockstep/db';
import type { Container } from '../container.js';
import { bytesAnswer } from '../http/answer.js';
import { csvLine } from '../http/csv.js';
import { streamOf } from '../http/stream.js';
import { describeError, log } from '../log.js';
import { runNews } from './run-news.js';

type ExportFormat = 'json' | 'csv';

interface ExportCall {
  readonly container: Container;
  readonly context: Context;
  readonly requestId: string;
}

interface OfRun {
  readonly organisationId: string;
  readonly runId: string;
}

/** Every point that a run recorded and that counts, as a file. */
export async function metricsExport(
  call: ExportCall,
  run: OfRun,
  { format, names }: { format: ExportFormat; names: readonly string[] | undefined },
): Promise<Response> {
  const { container, context } = call;
  // Before the answer begins, so that a run that may not be seen is "not found".
  await getRun(container.db, context, run);
  return exportAnswer(call, `${run.runId}-metrics`, format, ['series', 'labels', 'step', 'value'], () =>
    metricRows(container, context, run, names === undefined ? null : new Set(names)),
  );
}

/** Every line that the processes of a run wrote, as a file. */
export async function logsExport(call: ExportCall, run: OfRun, format: ExportFormat): Promise<Response> {
  const { container, context } = call;
  await getRun(container.db, context, run);
  const columns = ['time', 'source', 'generation', 'level', 'text'];
  return exportAnswer(call, `${run.runId}-logs`, format, columns, () => logRows(container, context, run));
}

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
  { requestId }: ExportCall,
  name: string,
  format: ExportFormat,
  columns: readonly string[],
  rows: () => AsyncGenerator<Row, void, void>,
): Response {
  const body = streamOf(
    () => (format === 'csv' ? csvOf(columns, rows()) : jsonOf(columns, rows())),
    logFailure(requestId),
  );
  return bytesAnswer(body, requestId, {
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

function logFailure(requestId: string): (error: unknown) => void {
  return (error) => log('error', 'a stream broke off', { requestId, error: describeError(error) });
}
