import { datasetIdSchema } from '@lockstep/contracts';
import { getDataset, listDatasets } from '@lockstep/db';
import { z } from 'zod';
import { input, procedure, router } from '../trpc.js';
import { organisationIdOf, organisationInput, pageInput } from './scope.js';

export const datasetRouter = router({
  list: procedure
    .input(input(z.strictObject({ ...organisationInput, ...pageInput })))
    .query(async ({ ctx, input: { organisation, ...page } }) =>
      listDatasets(ctx.db, ctx.context, { organisationId: await organisationIdOf(ctx, organisation), ...page }),
    ),
  get: procedure
    .input(input(z.strictObject({ ...organisationInput, datasetId: datasetIdSchema })))
    .query(async ({ ctx, input: { organisation, datasetId } }) =>
      getDataset(ctx.db, ctx.context, { organisationId: await organisationIdOf(ctx, organisation), datasetId }),
    ),
});
