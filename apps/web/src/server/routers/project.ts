import { slugSchema } from '@lockstep/contracts';
import { createProject, findProject, listProjects, projectActivity } from '@lockstep/db';
import { z } from 'zod';
import { input, procedure, router } from '../trpc.js';
import { organisationIdOf, organisationInput, pageInput } from './scope.js';

export const projectRouter = router({
  list: procedure
    .input(input(z.strictObject({ ...organisationInput, ...pageInput })))
    .query(async ({ ctx, input: { organisation, ...page } }) =>
      listProjects(ctx.db, ctx.context, { organisationId: await organisationIdOf(ctx, organisation), ...page }),
    ),
  get: procedure
    .input(input(z.strictObject({ ...organisationInput, project: slugSchema })))
    .query(async ({ ctx, input: { organisation, project } }) =>
      findProject(ctx.db, ctx.context, { organisationId: await organisationIdOf(ctx, organisation), slug: project }),
    ),
  activity: procedure
    .input(input(z.strictObject(organisationInput)))
    .query(async ({ ctx, input: { organisation } }) =>
      projectActivity(ctx.db, ctx.context, { organisationId: await organisationIdOf(ctx, organisation) }),
    ),
  create: procedure
    .input(input(z.strictObject({ ...organisationInput, slug: z.string(), name: z.string().optional() })))
    .mutation(async ({ ctx, input: { organisation, slug, name } }) => {
      const organisationId = await organisationIdOf(ctx, organisation);
      await createProject(ctx.db, ctx.context, { organisationId, slug, ...(name === undefined ? {} : { name }) });
      return findProject(ctx.db, ctx.context, { organisationId, slug });
    }),
});
