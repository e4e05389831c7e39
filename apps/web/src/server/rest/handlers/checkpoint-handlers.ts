import { checkpoints, getCheckpoint } from '@lockstep/db';
import { checkpointAnswer } from '../../runs/checkpoint-answer.js';
import type { RestHandler } from '../call.js';

export const listCheckpointsHandler: RestHandler<'listCheckpoints'> = async (call, { params, query }) => {
  const { container, context, caller } = call;
  const page = await checkpoints(container.db, context, { organisationId: caller.organisationId, ...params, ...query });
  return { items: [...page.items], nextCursor: page.nextCursor };
};

export const getCheckpointHandler: RestHandler<'getCheckpoint'> = ({ container, context, caller }, { params }) =>
  getCheckpoint(container.db, context, { organisationId: caller.organisationId, ...params });

export const downloadCheckpointHandler: RestHandler<'downloadCheckpoint'> = async (call, { params, query }) => {
  const { container, context, caller, requestId } = call;
  const { organisationId } = caller;
  const found = await getCheckpoint(container.db, context, { organisationId, ...params });
  return checkpointAnswer({ container, organisationId, requestId }, found, query.file);
};
