import { z } from 'zod';
import {
  checkpointPageSchema,
  checkpointSchemaOfRun,
  createProjectBodySchema,
  datasetPageSchema,
  datasetSchemaOfApi,
  downloadQuerySchema,
  pageQuerySchema,
  projectPageSchema,
  projectSchema,
} from './artifacts.js';
import { eventsQuerySchema } from './events.js';
import { checkpointIdSchema, datasetIdSchema, runIdSchema, slugSchema } from './ids.js';
import {
  exportLogsQuerySchema,
  exportQuerySchema,
  logPageSchema,
  logsQuerySchema,
  metricsQuerySchema,
  metricsResponseSchema,
} from './metrics.js';
import { meSchema, nodePageSchema } from './nodes.js';
import {
  createRunBodySchema,
  listRunsQuerySchema,
  runDetailSchema,
  runPageSchema,
  runSchema,
  updateRunBodySchema,
  validateRunBodySchema,
  validateRunResponseSchema,
  waitQuerySchema,
} from './runs.js';

/** One route of an HTTP interface. Server, OpenAPI document, client and the tests by enumeration all read it. */
export interface HttpRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the interface's base path; parameters in braces. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  /** What the token needs; null: any valid one. */
  readonly scope: 'runs:read' | 'runs:write' | 'projects:write' | null;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Headers of the request that the route reads, with what they do. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: number;
  /** Schema of a JSON answer, or the media types of another one. */
  readonly response: z.ZodType | readonly string[] | null;
}

const runParams = z.strictObject({ runId: runIdSchema });
const checkpointParams = z.strictObject({ runId: runIdSchema, checkpointId: checkpointIdSchema });

/** Everything below `/api/v1`. */
export const restRoutes = {
  getMe: {
    method: 'GET',
    path: '/me',
    summary: 'Who this token is',
    scope: null,
    status: 200,
    response: meSchema,
  },
  createRun: {
    method: 'POST',
    path: '/runs',
    summary: 'Create a run and queue it',
    description:
      'With an `Idempotency-Key`, sending the same request again within a day gives the first answer again; another body under the same key is refused.',
    scope: 'runs:write',
    headers: { 'Idempotency-Key': 'Up to 128 printable characters of your choice.' },
    body: createRunBodySchema,
    status: 201,
    response: runDetailSchema,
  },
  validateRun: {
    method: 'POST',
    path: '/runs/validate',
    summary: 'Check and resolve a run without creating it',
    scope: 'runs:read',
    body: validateRunBodySchema,
    status: 200,
    response: validateRunResponseSchema,
  },
  listRuns: {
    method: 'GET',
    path: '/runs',
    summary: 'List runs, newest first',
    scope: 'runs:read',
    query: listRunsQuerySchema,
    status: 200,
    response: runPageSchema,
  },
  getRun: {
    method: 'GET',
    path: '/runs/{runId}',
    summary: 'A run with its specs and summary',
    scope: 'runs:read',
    params: runParams,
    status: 200,
    response: runDetailSchema,
  },
  updateRun: {
    method: 'PATCH',
    path: '/runs/{runId}',
    summary: 'Rename, tag, annotate or archive a run',
    scope: 'runs:write',
    params: runParams,
    body: updateRunBodySchema,
    status: 200,
    response: runSchema,
  },
  deleteRun: {
    method: 'DELETE',
    path: '/runs/{runId}',
    summary: 'Delete a run that has ended',
    scope: 'runs:write',
    params: runParams,
    status: 204,
    response: null,
  },
  cancelRun: {
    method: 'POST',
    path: '/runs/{runId}/cancel',
    summary: 'Cancel a run',
    description: 'The run takes a checkpoint and ends. Cancelling a run that has ended changes nothing.',
    scope: 'runs:write',
    params: runParams,
    status: 202,
    response: runSchema,
  },
  waitForRun: {
    method: 'GET',
    path: '/runs/{runId}/wait',
    summary: 'Wait until a run has ended',
    scope: 'runs:read',
    params: runParams,
    query: waitQuerySchema,
    status: 200,
    response: runDetailSchema,
  },
  getMetrics: {
    method: 'GET',
    path: '/runs/{runId}/metrics',
    summary: 'Metric series of a run',
    scope: 'runs:read',
    params: runParams,
    query: metricsQuerySchema,
    status: 200,
    response: metricsResponseSchema,
  },
  exportMetrics: {
    method: 'GET',
    path: '/runs/{runId}/metrics/export',
    summary: 'Every point of a run as JSON or CSV',
    scope: 'runs:read',
    params: runParams,
    query: exportQuerySchema,
    status: 200,
    response: ['application/json', 'text/csv'],
  },
  getLogs: {
    method: 'GET',
    path: '/runs/{runId}/logs',
    summary: 'Log lines of a run, oldest first',
    scope: 'runs:read',
    params: runParams,
    query: logsQuerySchema,
    status: 200,
    response: logPageSchema,
  },
  exportLogs: {
    method: 'GET',
    path: '/runs/{runId}/logs/export',
    summary: 'Every log line of a run as JSON or CSV',
    scope: 'runs:read',
    params: runParams,
    query: exportLogsQuerySchema,
    status: 200,
    response: ['application/json', 'text/csv'],
  },
  streamEvents: {
    method: 'GET',
    path: '/runs/{runId}/events',
    summary: 'Live states, metrics and logs as server-sent events',
    description:
      'The `id` of an event is its cursor; reconnect with `Last-Event-ID` and nothing is missed or comes twice. The stream ends after the event `end`.',
    scope: 'runs:read',
    params: runParams,
    query: eventsQuerySchema,
    headers: { 'Last-Event-ID': 'Cursor of the last event that was seen.' },
    status: 200,
    response: ['text/event-stream'],
  },
  listCheckpoints: {
    method: 'GET',
    path: '/runs/{runId}/checkpoints',
    summary: 'Checkpoints of a run, newest first',
    scope: 'runs:read',
    params: runParams,
    query: pageQuerySchema,
    status: 200,
    response: checkpointPageSchema,
  },
  getCheckpoint: {
    method: 'GET',
    path: '/runs/{runId}/checkpoints/{checkpointId}',
    summary: 'A checkpoint and its files',
    scope: 'runs:read',
    params: checkpointParams,
    status: 200,
    response: checkpointSchemaOfRun,
  },
  downloadCheckpoint: {
    method: 'GET',
    path: '/runs/{runId}/checkpoints/{checkpointId}/download',
    summary: 'Download a checkpoint, or one file of it',
    scope: 'runs:read',
    params: checkpointParams,
    query: downloadQuerySchema,
    status: 200,
    response: ['application/x-tar', 'application/octet-stream'],
  },
  listProjects: {
    method: 'GET',
    path: '/projects',
    summary: 'Projects of the organisation',
    scope: 'runs:read',
    query: pageQuerySchema,
    status: 200,
    response: projectPageSchema,
  },
  createProject: {
    method: 'POST',
    path: '/projects',
    summary: 'Create a project',
    scope: 'projects:write',
    body: createProjectBodySchema,
    status: 201,
    response: projectSchema,
  },
  getProject: {
    method: 'GET',
    path: '/projects/{project}',
    summary: 'A project',
    scope: 'runs:read',
    params: z.strictObject({ project: slugSchema }),
    status: 200,
    response: projectSchema,
  },
  listDatasets: {
    method: 'GET',
    path: '/datasets',
    summary: 'Datasets that runs of the organisation can name',
    scope: 'runs:read',
    query: pageQuerySchema,
    status: 200,
    response: datasetPageSchema,
  },
  getDataset: {
    method: 'GET',
    path: '/datasets/{datasetId}',
    summary: 'A dataset',
    scope: 'runs:read',
    params: z.strictObject({ datasetId: datasetIdSchema }),
    status: 200,
    response: datasetSchemaOfApi,
  },
  listNodes: {
    method: 'GET',
    path: '/nodes',
    summary: 'Nodes that runs of the organisation can use',
    scope: 'runs:read',
    query: pageQuerySchema,
    status: 200,
    response: nodePageSchema,
  },
} as const satisfies Record<string, HttpRoute>;
export type RestRouteName = keyof typeof restRoutes;
