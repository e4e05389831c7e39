import { getRun, logsPage, metricSeries } from '@lockstep/db';
import { bytesAnswer } from '../../http/answer.js';
import { streamOf } from '../../http/stream.js';
import { describeError, log } from '../../log.js';
import { eventStream, streamStart } from '../../runs/event-stream.js';
import { logsExport, metricsExport } from '../../runs/run-export.js';
import type { RestCall, RestHandler } from '../call.js';

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

export const exportMetricsHandler: RestHandler<'exportMetrics'> = (
  { container, context, caller, requestId },
  { params, query },
) =>
  metricsExport(
    { container, context, requestId },
    { organisationId: caller.organisationId, ...params },
    { format: query.format, names: namesOf(query.series) },
  );

export const exportLogsHandler: RestHandler<'exportLogs'> = (
  { container, context, caller, requestId },
  { params, query },
) => logsExport({ container, context, requestId }, { organisationId: caller.organisationId, ...params }, query.format);

function logFailure({ requestId }: RestCall): (error: unknown) => void {
  return (error) => log('error', 'a stream broke off', { requestId, error: describeError(error) });
}
