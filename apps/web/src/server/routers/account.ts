import { LockstepError } from '@lockstep/contracts';
import { listSessions, recordPasswordChange, revokeSessions, usePasswordReset } from '@lockstep/db';
import { APIError } from 'better-auth';
import { z } from 'zod';
import { requireRate } from '../http/rate-limit.js';
import { passwordSchema } from '../services/auth.js';
import { input, openProcedure, procedure, router, type TrpcContext } from '../trpc.js';

/** Passwords and links are tried so often from one address, all ways together. */
const attemptsPerMinute = 20;

const countAttempt = ({ container, address }: TrpcContext): Promise<void> =>
  requireRate(container.db, `accounts:${address ?? 'unknown'}`, attemptsPerMinute, {});

/** One's own account. */
export const accountRouter = router({
  changePassword: procedure
    .input(input(z.strictObject({ currentPassword: z.string().max(256), newPassword: passwordSchema })))
    .mutation(async ({ ctx, input: given }) => {
      await countAttempt(ctx);
      try {
        await ctx.container.auth.api.changePassword({ body: given, headers: ctx.headers });
      } catch (error) {
        if (!(error instanceof APIError)) throw error;
        throw new LockstepError('auth.forbidden', 'Expected your current password, got another one.');
      }
      await recordPasswordChange(ctx.db, ctx.context, { sessionId: ctx.user.sessionId });
    }),
  /** By the secret of a link that an admin made; signed out, as a rule. */
  resetPassword: openProcedure
    .input(input(z.strictObject({ secret: z.string().max(128), newPassword: passwordSchema })))
    .mutation(async ({ ctx, input: { secret, newPassword } }) => {
      await countAttempt(ctx);
      const { password } = await ctx.container.auth.$context;
      await usePasswordReset(ctx.container.db, ctx, { secret, passwordHash: () => password.hash(newPassword) });
    }),
  sessions: procedure.query(async ({ ctx }) =>
    (await listSessions(ctx.db, ctx.context)).map((session) => ({
      ...session,
      current: session.id === ctx.user.sessionId,
    })),
  ),
  revokeSession: procedure
    .input(input(z.strictObject({ sessionId: z.string().min(1).max(64) })))
    .mutation(({ ctx, input: { sessionId } }) => revokeSessions(ctx.db, ctx.context, { sessionId })),
  revokeOtherSessions: procedure.mutation(({ ctx }) =>
    revokeSessions(ctx.db, ctx.context, { exceptSessionId: ctx.user.sessionId }),
  ),
});
