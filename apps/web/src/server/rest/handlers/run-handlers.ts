import { LockstepError } from '@lockstep/contracts';
import { cancelRun, createRun, deleteRun, getRun, listRuns, updateRun, validateRun } from '@lockstep/db';
import { resolveRunSpec } from '@lockstep/engine/graph';
import { workerMemoryBytes } from '../../runs/memory-estimate.js';
import { withUrl } from '../../runs/run-url.js';
import { signalCancel, startWorkflow } from '../../runs/start-workflow.js';
import { waitForEnd } from '../../runs/wait-for-end.js';
import type { RestCall, RestHandler } from '../call.js';

const defaultWaitSeconds = 30;

async function readRun({ container, context, caller }: RestCall, runId: string) {
  const run = await getRun(container.db, context, { organisationId: caller.organisationId, runId });
  return withUrl(run, container.settings.publicUrl);
}

export const createRunHandler: RestHandler<'createRun'> = async (call, { body }) => {
  const { container, context, caller, request, requestId } = call;
  const key = request.headers.get('idempotency-key');
  const input = { ...body, organisationId: caller.organisationId, ...(key === null ? {} : { idempotencyKey: key }) };
  const { runId } = await createRun(container.db, context, input, { resolve: resolveRunSpec });
  // Also for a run that was there: whoever created it may have been cut off before this.
  startWorkflow(container.orchestrator, runId, requestId);
  return readRun(call, runId);
};

export const validateRunHandler: RestHandler<'validateRun'> = async ({ container, context, caller }, { body }) => {
  const input = { ...body, organisationId: caller.organisationId };
  const { resolvedSpec, totalSteps } = await validateRun(container.db, context, input, { resolve: resolveRunSpec });
  return {
    resolvedSpec,
    lanes: resolvedSpec.lanes,
    totalSteps,
    memoryBytes: workerMemoryBytes(resolvedSpec, body.workers),
  };
};

export const listRunsHandler: RestHandler<'listRuns'> = async ({ container, context, caller }, { query }) => {
  const { archived, state, ...filters } = query;
  const { items, nextCursor } = await listRuns(container.db, context, {
    ...filters,
    organisationId: caller.organisationId,
    archived: archived === 'true',
    ...(state === undefined ? {} : { states: [state] }),
  });
  return { items: items.map((run) => withUrl(run, container.settings.publicUrl)), nextCursor };
};

export const getRunHandler: RestHandler<'getRun'> = (call, { params }) => readRun(call, params.runId);

export const updateRunHandler: RestHandler<'updateRun'> = async (call, { params, body }) => {
  const { container, context, caller } = call;
  if (Object.keys(body).length === 0) {
    throw new LockstepError('bad-input.field', 'body: expected at least one of name, tags, notes, archived, got none.');
  }
  await updateRun(container.db, context, { organisationId: caller.organisationId, ...params, ...body });
  return readRun(call, params.runId);
};

export const deleteRunHandler: RestHandler<'deleteRun'> = async ({ container, context, caller }, { params }) => {
  await deleteRun(container.db, context, { organisationId: caller.organisationId, ...params });
  return undefined;
};

export const cancelRunHandler: RestHandler<'cancelRun'> = async (call, { params }) => {
  const { container, context, caller, requestId } = call;
  const { signal } = await cancelRun(container.db, context, { organisationId: caller.organisationId, ...params });
  if (signal) signalCancel(container.orchestrator, params.runId, requestId);
  return readRun(call, params.runId);
};

export const waitForRunHandler: RestHandler<'waitForRun'> = async (call, { params, query }) => {
  const { container, context, caller, request } = call;
  const timeoutMs = (query.timeoutSeconds ?? defaultWaitSeconds) * 1000;
  const input = { organisationId: caller.organisationId, ...params, timeoutMs };
  return withUrl(await waitForEnd(container, context, input, request.signal), container.settings.publicUrl);
};
