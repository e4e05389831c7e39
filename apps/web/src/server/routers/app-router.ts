import { router } from '../trpc.js';
import { accountRouter } from './account.js';
import { datasetRouter } from './dataset.js';
import { nodeRouter } from './node.js';
import { organisationRouter } from './organisation.js';
import { projectRouter } from './project.js';
import { runRouter } from './run.js';
import { sessionRouter } from './session.js';
import { tokenRouter } from './token.js';

export const appRouter = router({
  session: sessionRouter,
  account: accountRouter,
  organisation: organisationRouter,
  project: projectRouter,
  run: runRouter,
  dataset: datasetRouter,
  node: nodeRouter,
  token: tokenRouter,
});
export type AppRouter = typeof appRouter;
