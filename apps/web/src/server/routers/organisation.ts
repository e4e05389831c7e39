import {
  acceptInvitation,
  createOrganisation,
  createPasswordReset,
  findOrganisation,
  inviteMember,
  listAudit,
  listInvitations,
  listMembers,
  listOrganisations,
  revokeInvitation,
  setLimit,
  setMemberRole,
} from '@lockstep/db';
import { z } from 'zod';
import { input, procedure, router } from '../trpc.js';
import { organisationIdOf, organisationInput, pageInput } from './scope.js';

const roleSchema = z.enum(['owner', 'admin', 'member', 'viewer']);

export const organisationRouter = router({
  list: procedure.query(async ({ ctx }) =>
    (await listOrganisations(ctx.db, ctx.context)).map(({ slug, name, role }) => ({ slug, name, role })),
  ),
  get: procedure.input(input(z.strictObject(organisationInput))).query(async ({ ctx, input: { organisation } }) => {
    const { slug, name, role } = await findOrganisation(ctx.db, ctx.context, { slug: organisation });
    return { slug, name, role };
  }),
  create: procedure
    .input(input(z.strictObject({ slug: z.string(), name: z.string() })))
    .mutation(async ({ ctx, input: given }) => {
      await createOrganisation(ctx.db, ctx.context, given);
      return { slug: given.slug };
    }),
  members: procedure
    .input(input(z.strictObject({ ...organisationInput, ...pageInput })))
    .query(async ({ ctx, input: { organisation, ...page } }) =>
      listMembers(ctx.db, ctx.context, { organisationId: await organisationIdOf(ctx, organisation), ...page }),
    ),
  setMemberRole: procedure
    .input(
      input(z.strictObject({ ...organisationInput, userId: z.string().min(1).max(64), role: roleSchema.nullable() })),
    )
    .mutation(async ({ ctx, input: { organisation, ...given } }) =>
      setMemberRole(ctx.db, ctx.context, { organisationId: await organisationIdOf(ctx, organisation), ...given }),
    ),
  invite: procedure
    .input(input(z.strictObject({ ...organisationInput, email: z.string(), role: roleSchema })))
    .mutation(async ({ ctx, input: { organisation, ...given } }) => {
      const organisationId = await organisationIdOf(ctx, organisation);
      const { secret, expiresAt } = await inviteMember(ctx.db, ctx.context, { organisationId, ...given });
      // Behind `#`, where it reaches no log of a server.
      return { url: `${ctx.container.settings.publicUrl}/sign-up#${secret}`, secret, expiresAt };
    }),
  invitations: procedure
    .input(input(z.strictObject({ ...organisationInput, ...pageInput })))
    .query(async ({ ctx, input: { organisation, ...page } }) =>
      listInvitations(ctx.db, ctx.context, { organisationId: await organisationIdOf(ctx, organisation), ...page }),
    ),
  revokeInvitation: procedure
    .input(input(z.strictObject({ ...organisationInput, invitationId: z.string().min(1).max(64) })))
    .mutation(async ({ ctx, input: { organisation, invitationId } }) =>
      revokeInvitation(ctx.db, ctx.context, {
        organisationId: await organisationIdOf(ctx, organisation),
        invitationId,
      }),
    ),
  createPasswordReset: procedure
    .input(input(z.strictObject({ ...organisationInput, userId: z.string().min(1).max(64) })))
    .mutation(async ({ ctx, input: { organisation, userId } }) => {
      const organisationId = await organisationIdOf(ctx, organisation);
      const { secret, expiresAt } = await createPasswordReset(ctx.db, ctx.context, { organisationId, userId });
      // Behind `#`, as with invitations.
      return { url: `${ctx.container.settings.publicUrl}/reset-password#${secret}`, secret, expiresAt };
    }),
  acceptInvitation: procedure
    .input(input(z.strictObject({ secret: z.string().max(128) })))
    .mutation(async ({ ctx, input: given }) => {
      const { organisationId } = await acceptInvitation(ctx.db, ctx.context, given);
      const { slug } = await findOrganisation(ctx.db, ctx.context, { organisationId });
      return { slug };
    }),
  setLimit: procedure
    .input(
      input(
        z.strictObject({
          ...organisationInput,
          kind: z.enum(['cores', 'runs', 'bytes']),
          value: z.int().min(0).nullable(),
        }),
      ),
    )
    .mutation(async ({ ctx, input: { organisation, ...given } }) =>
      setLimit(ctx.db, ctx.context, { organisationId: await organisationIdOf(ctx, organisation), ...given }),
    ),
  audit: procedure
    .input(input(z.strictObject({ ...organisationInput, ...pageInput, subjectId: z.string().max(64).optional() })))
    .query(async ({ ctx, input: { organisation, ...given } }) =>
      listAudit(ctx.db, ctx.context, { organisationId: await organisationIdOf(ctx, organisation), ...given }),
    ),
});
