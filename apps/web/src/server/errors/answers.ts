import {
  type ErrorCode,
  errorCodes,
  errorFamily,
  isLockstepError,
  type LockstepError,
  type ProblemBody,
} from '@lockstep/contracts';
import type { TRPC_ERROR_CODE_KEY } from '@trpc/server';

/** What an error is over HTTP: the one place where codes become statuses, for REST, node API and tRPC alike. */
const statusOfCode: Partial<Record<ErrorCode, number>> = {
  'bad-input.syntax': 400,
  'bad-input.content-type': 415,
  'bad-input.too-large': 413,
  'bad-input.method': 405,
  'bad-input.taken': 409,
  'bad-input.state': 409,
  'bad-input.in-use': 409,
  'bad-input.idempotency-key': 409,
  'auth.unauthenticated': 401,
  'auth.forbidden': 403,
  'auth.origin': 403,
  'auth.not-found': 404,
  'auth.rate-limited': 429,
  'numerics.diverged': 409,
  'numerics.class-refused': 409,
  'infrastructure.stale-generation': 409,
  'infrastructure.disk-full': 507,
};

const statusOfFamily: Record<string, number> = {
  'bad-input': 422,
  auth: 403,
  data: 422,
  numerics: 422,
  infrastructure: 503,
  cancelled: 409,
  internal: 500,
};

const trpcCodeOfStatus: Record<number, TRPC_ERROR_CODE_KEY> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_SUPPORTED',
  409: 'CONFLICT',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  422: 'UNPROCESSABLE_CONTENT',
  429: 'TOO_MANY_REQUESTS',
  503: 'SERVICE_UNAVAILABLE',
};

export interface Answer {
  readonly status: number;
  readonly trpcCode: TRPC_ERROR_CODE_KEY;
  readonly body: ProblemBody;
  /** A defect, or something of ours that is down: it belongs into the log. */
  readonly isOurs: boolean;
}

/** Any thrown value as an answer. Of an error that is not expected, nothing is told but its request id. */
export function answerOf(error: unknown, requestId: string): Answer {
  const known = isLockstepError(error) ? error : null;
  const code: ErrorCode = known?.code ?? 'internal.request';
  const status = statusOfCode[code] ?? statusOfFamily[errorFamily(code)] ?? 500;
  const isInternal = known === null || errorFamily(code) === 'internal';
  return {
    status,
    trpcCode: trpcCodeOfStatus[status] ?? 'INTERNAL_SERVER_ERROR',
    body: {
      type: `urn:lockstep:error:${code}`,
      title: errorCodes[code] ?? code,
      status,
      detail: isInternal
        ? `Something failed that should not have. Name the request ${requestId} when you report it.`
        : known.message,
      code,
      requestId,
      ...problemsOf(known),
    },
    isOurs: status >= 500,
  };
}

function problemsOf(error: LockstepError | null): Pick<ProblemBody, 'problems'> {
  if (error === null || error.problems.length === 0) return {};
  return {
    problems: error.problems.slice(0, 100).map(({ path, message, line, column }) => ({ path, message, line, column })),
  };
}
