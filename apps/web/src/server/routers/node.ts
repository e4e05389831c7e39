import { nodeIdSchema } from '@lockstep/contracts';
import { createNodeCredential, drainNode, listNodes, retireNode } from '@lockstep/db';
import { z } from 'zod';
import { input, procedure, router } from '../trpc.js';
import { organisationIdOf, organisationInput, pageInput } from './scope.js';

const ofNode = { ...organisationInput, nodeId: nodeIdSchema };

export const nodeRouter = router({
  list: procedure
    .input(input(z.strictObject({ ...organisationInput, ...pageInput, pool: z.string().max(64).optional() })))
    .query(async ({ ctx, input: { organisation, ...given } }) =>
      listNodes(ctx.db, ctx.context, { organisationId: await organisationIdOf(ctx, organisation), ...given }),
    ),
  createCredential: procedure
    .input(
      input(z.strictObject({ ...organisationInput, name: z.string().max(128), pool: z.string().max(64).optional() })),
    )
    .mutation(async ({ ctx, input: { organisation, ...given } }) =>
      createNodeCredential(ctx.db, ctx.context, {
        organisationId: await organisationIdOf(ctx, organisation),
        ...given,
      }),
    ),
  drain: procedure
    .input(input(z.strictObject({ ...ofNode, draining: z.boolean().default(true) })))
    .mutation(async ({ ctx, input: { organisation, ...given } }) =>
      drainNode(ctx.db, ctx.context, { organisationId: await organisationIdOf(ctx, organisation), ...given }),
    ),
  retire: procedure
    .input(input(z.strictObject(ofNode)))
    .mutation(async ({ ctx, input: { organisation, nodeId } }) =>
      retireNode(ctx.db, ctx.context, { organisationId: await organisationIdOf(ctx, organisation), nodeId }),
    ),
});
