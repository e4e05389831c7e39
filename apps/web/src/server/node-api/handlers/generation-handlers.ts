import { LockstepError } from '@lockstep/contracts';
import {
  agreement,
  appendBatch,
  generationStart,
  publishRendezvous,
  publishStateDigest,
  recordCheckpoint,
  recordFailed,
  recordFinished,
  rendezvousValues,
} from '@lockstep/db';
import type { NodeHandler } from '../call.js';
import { longPoll } from '../long-poll.js';

export const getGenerationHandler: NodeHandler<'getGeneration'> = ({ container, context }, { params }) =>
  generationStart(container.db, context, params);

export const putRendezvousHandler: NodeHandler<'putRendezvous'> = async ({ container, context }, { params, body }) => {
  const { runId, generation, rank } = params;
  if (body.value.rank !== rank) {
    throw new LockstepError(
      'bad-input.field',
      `body: value.rank: expected ${rank}, the rank of the address, got ${body.value.rank}.`,
    );
  }
  await publishRendezvous(container.db, context, { runId, generation, value: body.value });
  container.runSignals.notify(runId);
  return undefined;
};

export const getRendezvousHandler: NodeHandler<'getRendezvous'> = (call, { params, query }) =>
  longPoll(
    call,
    { runId: params.runId, waitSeconds: query.waitSeconds ?? 0 },
    () => rendezvousValues(call.container.db, call.context, params),
    ({ complete }) => complete,
  );

export const putAgreementHandler: NodeHandler<'putAgreement'> = async ({ container, context }, { params, body }) => {
  const found = await publishStateDigest(container.db, context, { ...params, ...body });
  container.runSignals.notify(params.runId);
  return found;
};

export const getAgreementHandler: NodeHandler<'getAgreement'> = (call, { params, query }) =>
  longPoll(
    call,
    { runId: params.runId, waitSeconds: query.waitSeconds ?? 0 },
    () => agreement(call.container.db, call.context, params),
    ({ verdict }) => verdict !== 'waiting',
  );

export const postBatchHandler: NodeHandler<'postBatch'> = async ({ container, context }, { params, body }) => {
  const { accepted, cursor } = await appendBatch(container.db, context, { ...params, ...body });
  return { accepted, cursor };
};

export const postCheckpointHandler: NodeHandler<'postCheckpoint'> = ({ container, context }, { params, body }) =>
  recordCheckpoint(container.db, context, { ...params, ...body });

export const postResultHandler: NodeHandler<'postResult'> = async ({ container, context }, { params, body }) => {
  if (body.kind === 'finished') await recordFinished(container.db, context, { ...params, ...body });
  else await recordFailed(container.db, context, { ...params, ...body });
  return undefined;
};
