import type { NodeRouteName } from '@lockstep/contracts';
import type { NodeHandler } from './call.js';
import { getBlobHandler, putBlobHandler } from './handlers/blob-handlers.js';
import {
  getAgreementHandler,
  getGenerationHandler,
  getRendezvousHandler,
  postBatchHandler,
  postCheckpointHandler,
  postResultHandler,
  putAgreementHandler,
  putRendezvousHandler,
} from './handlers/generation-handlers.js';
import { heartbeatHandler, putDatasetHandler, registerHandler } from './handlers/node-handlers.js';

/** The handler of every route; a route without one does not compile. */
export const nodeHandlers: { readonly [N in NodeRouteName]: NodeHandler<N> } = {
  register: registerHandler,
  heartbeat: heartbeatHandler,
  putDataset: putDatasetHandler,
  getGeneration: getGenerationHandler,
  putRendezvous: putRendezvousHandler,
  getRendezvous: getRendezvousHandler,
  putAgreement: putAgreementHandler,
  getAgreement: getAgreementHandler,
  postBatch: postBatchHandler,
  postCheckpoint: postCheckpointHandler,
  postResult: postResultHandler,
  putBlob: putBlobHandler,
  getBlob: getBlobHandler,
};
