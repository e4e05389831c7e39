import type { RestRouteName } from '@lockstep/contracts';
import type { RestHandler } from './call.js';
import {
  createProjectHandler,
  getDatasetHandler,
  getMeHandler,
  getProjectHandler,
  listDatasetsHandler,
  listNodesHandler,
  listProjectsHandler,
} from './handlers/catalogue-handlers.js';
import {
  downloadCheckpointHandler,
  getCheckpointHandler,
  listCheckpointsHandler,
} from './handlers/checkpoint-handlers.js';
import {
  cancelRunHandler,
  createRunHandler,
  deleteRunHandler,
  getRunHandler,
  listRunsHandler,
  updateRunHandler,
  validateRunHandler,
  waitForRunHandler,
} from './handlers/run-handlers.js';
import {
  exportLogsHandler,
  exportMetricsHandler,
  getLogsHandler,
  getMetricsHandler,
  streamEventsHandler,
} from './handlers/telemetry-handlers.js';

/** The handler of every route; a route without one does not compile. */
export const restHandlers: { readonly [N in RestRouteName]: RestHandler<N> } = {
  getMe: getMeHandler,
  createRun: createRunHandler,
  validateRun: validateRunHandler,
  listRuns: listRunsHandler,
  getRun: getRunHandler,
  updateRun: updateRunHandler,
  deleteRun: deleteRunHandler,
  cancelRun: cancelRunHandler,
  waitForRun: waitForRunHandler,
  getMetrics: getMetricsHandler,
  exportMetrics: exportMetricsHandler,
  getLogs: getLogsHandler,
  exportLogs: exportLogsHandler,
  streamEvents: streamEventsHandler,
  listCheckpoints: listCheckpointsHandler,
  getCheckpoint: getCheckpointHandler,
  downloadCheckpoint: downloadCheckpointHandler,
  listProjects: listProjectsHandler,
  createProject: createProjectHandler,
  getProject: getProjectHandler,
  listDatasets: listDatasetsHandler,
  getDataset: getDatasetHandler,
  listNodes: listNodesHandler,
};
