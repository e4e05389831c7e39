import { datasetIdSchema, limits } from '@lockstep/contracts';
import { getDataset, listDatasets } from '@lockstep/db';
import { z } from 'zod';
import { datasetContent, datasetSamples, mostSamples, splits } from '../datasets/dataset-samples.js';
import { input, procedure, router } from '../trpc.js';
import { organisationIdOf, organisationInput, pageInput } from './scope.js';

const ofDataset = { ...organisationInput, datasetId: datasetIdSchema };

export const datasetRouter = router({
  list: procedure
    .input(input(z.strictObject({ ...organisationInput, ...pageInput })))
    .query(async ({ ctx, input: { organisation, ...page } }) =>
      listDatasets(ctx.db, ctx.context, { organisationId: await organisationIdOf(ctx, organisation), ...page }),
    ),
  get: procedure
    .input(input(z.strictObject(ofDataset)))
    .query(async ({ ctx, input: { organisation, datasetId } }) =>
      getDataset(ctx.db, ctx.context, { organisationId: await organisationIdOf(ctx, organisation), datasetId }),
    ),
  /** Where it is from and what each split holds, as far as this machine has the data. */
  content: procedure
    .input(input(z.strictObject(ofDataset)))
    .query(async ({ ctx, input: { organisation, datasetId } }) => {
      const organisationId = await organisationIdOf(ctx, organisation);
      return datasetContent(
        ctx.container.datasets,
        await getDataset(ctx.db, ctx.context, { organisationId, datasetId }),
      );
    }),
  /** A few samples as they are stored. */
  samples: procedure
    .input(
      input(
        z.strictObject({
          ...ofDataset,
          split: z.enum(splits),
          offset: z.int().min(0).max(limits.maxSamples),
          count: z.int().min(1).max(mostSamples),
        }),
      ),
    )
    .query(async ({ ctx, input: { organisation, datasetId, ...wanted } }) => {
      const organisationId = await organisationIdOf(ctx, organisation);
      const dataset = await getDataset(ctx.db, ctx.context, { organisationId, datasetId });
      return datasetSamples(ctx.container.datasets, dataset, wanted);
    }),
});
