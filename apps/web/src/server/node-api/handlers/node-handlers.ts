import { LockstepError } from '@lockstep/contracts';
import { heartbeatNode, registerDatasetVersion, registerNode } from '@lockstep/db';
import type { NodeHandler } from '../call.js';

const heartbeatSeconds = 3;

export const registerHandler: NodeHandler<'register'> = async ({ container, context }, { body }) => {
  const { temporalAddress, temporalNamespace } = container.settings;
  if (temporalAddress === null) {
    throw new LockstepError(
      'infrastructure.not-configured',
      'Expected the address of Temporal in LOCKSTEP_TEMPORAL_ADDRESS of the web application, but it is not set.',
    );
  }
  const { nodeId, taskQueue } = await registerNode(container.db, context, body);
  return { nodeId, taskQueue, heartbeatSeconds, temporal: { address: temporalAddress, namespace: temporalNamespace } };
};

export const heartbeatHandler: NodeHandler<'heartbeat'> = ({ container, context }, { body }) =>
  heartbeatNode(container.db, context, body);

export const putDatasetHandler: NodeHandler<'putDataset'> = async ({ container, context, caller }, { body }) => {
  const { name, defaultInput, ...data } = body;
  await registerDatasetVersion(container.db, context, {
    organisationId: caller.organisationId,
    name,
    facts: { dataset: { kind: 'sample', name }, ...data, ...(defaultInput === null ? {} : { defaultInput }) },
  });
  return undefined;
};
