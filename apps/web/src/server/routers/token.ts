import { slugSchema, tokenIdSchema, tokenScopeSchema } from '@lockstep/contracts';
import { createToken, listTokens, revokeToken } from '@lockstep/db';
import { z } from 'zod';
import { input, procedure, router } from '../trpc.js';
import { organisationIdOf, organisationInput, pageInput } from './scope.js';

/** Tokens are made by people who are signed in; REST has no such route. */
export const tokenRouter = router({
  list: procedure
    .input(input(z.strictObject({ ...organisationInput, ...pageInput })))
    .query(async ({ ctx, input: { organisation, ...page } }) =>
      listTokens(ctx.db, ctx.context, { organisationId: await organisationIdOf(ctx, organisation), ...page }),
    ),
  create: procedure
    .input(
      input(
        z.strictObject({
          ...organisationInput,
          name: z.string(),
          scopes: z.array(tokenScopeSchema),
          project: slugSchema.optional(),
          expiresAt: z.date().optional(),
        }),
      ),
    )
    .mutation(async ({ ctx, input: { organisation, ...given } }) =>
      createToken(ctx.db, ctx.context, { organisationId: await organisationIdOf(ctx, organisation), ...given }),
    ),
  revoke: procedure
    .input(input(z.strictObject({ ...organisationInput, tokenId: tokenIdSchema })))
    .mutation(async ({ ctx, input: { organisation, tokenId } }) =>
      revokeToken(ctx.db, ctx.context, { organisationId: await organisationIdOf(ctx, organisation), tokenId }),
    ),
});
