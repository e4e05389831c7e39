import { isLockstepError, LockstepError, parseWith } from '@lockstep/contracts';
import type { Context } from '@lockstep/db';
import { initTRPC, TRPCError } from '@trpc/server';
import superjson from 'superjson';
import type { z } from 'zod';
import type { Container } from './container.js';
import { answerOf } from './errors/answers.js';
import type { SessionUser } from './http/session.js';

export interface TrpcContext {
  readonly container: Container;
  /** Null: signed out. */
  readonly user: SessionUser | null;
  readonly requestId: string;
  readonly address: string | null;
  /** Of the request, for the accounts library. */
  readonly headers: Headers;
}

const t = initTRPC.context<TrpcContext>().create({
  transformer: superjson,
  isDev: false,
  // Clients decide by `data.problem.code`; the message is for people.
  errorFormatter: ({ shape, error, ctx }) => {
    const cause = isLockstepError(error.cause) ? error.cause : isClientFault(error) ? asLockstepError(error) : error;
    const { body } = answerOf(cause, ctx?.requestId ?? '');
    return { ...shape, message: body.detail, data: { code: shape.data.code, httpStatus: body.status, problem: body } };
  },
});

/** What tRPC itself refuses: an unknown procedure, a wrong method, a body that it cannot read. */
const clientFaults: Partial<Record<TRPCError['code'], LockstepError['code']>> = {
  NOT_FOUND: 'auth.not-found',
  METHOD_NOT_SUPPORTED: 'bad-input.method',
  BAD_REQUEST: 'bad-input.syntax',
  PARSE_ERROR: 'bad-input.syntax',
  UNSUPPORTED_MEDIA_TYPE: 'bad-input.content-type',
};

function isClientFault(error: TRPCError): boolean {
  return clientFaults[error.code] !== undefined;
}

function asLockstepError(error: TRPCError): LockstepError {
  return new LockstepError(clientFaults[error.code] ?? 'internal.request', 'The request cannot be read.', {
    cause: error,
  });
}

/** Expected errors leave a procedure with the status that the one mapper gives them. */
const mapped = t.procedure.use(async ({ next, ctx }) => {
  const result = await next();
  if (result.ok || !isLockstepError(result.error.cause)) return result;
  const { trpcCode, body } = answerOf(result.error.cause, ctx.requestId);
  return { ...result, error: new TRPCError({ code: trpcCode, message: body.detail, cause: result.error.cause }) };
});

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;
/** For everybody, also when signed out. */
export const openProcedure = mapped;

/** For people who are signed in. What they may do is decided in the verbs. */
export const procedure = mapped.use(({ ctx, next }) => {
  const { user, requestId, address } = ctx;
  if (user === null) throw new LockstepError('auth.unauthenticated', 'Sign in first.');
  const context: Context = { actor: { kind: 'user', userId: user.id }, requestId, address };
  return next({ ctx: { ...ctx, user, context, db: ctx.container.db } });
});

/** A schema as the input of a procedure; its problems are told as everywhere else. */
export function input<S extends z.ZodType>(schema: S) {
  return {
    _input: undefined as z.input<S>,
    _output: undefined as z.output<S>,
    parse: (value: unknown): z.output<S> => parseWith(schema, value, { source: 'input' }),
  };
}
