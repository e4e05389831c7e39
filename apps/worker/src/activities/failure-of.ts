import { errorFamily, isLockstepError } from '@lockstep/contracts';
import { ApplicationFailure } from '@temporalio/common';

/** Families of which a second try is useless. */
const final = new Set(['bad-input', 'auth', 'data', 'numerics', 'cancelled']);

/** The one place where error codes become failures of Temporal: the type is the code, and programs decide by it. */
export function failureOf(error: unknown): unknown {
  if (!isLockstepError(error)) return error;
  const { code, message } = error;
  const nonRetryable = final.has(errorFamily(code)) || code === 'infrastructure.stale-generation';
  return ApplicationFailure.create({ type: code, message, nonRetryable, cause: error });
}

type Activities = Readonly<Record<string, (input: never) => Promise<unknown>>>;

/** Activities whose errors are failures of Temporal. */
export function withFailures<A extends object>(activities: A): A {
  const wrapped = Object.entries(activities as Activities).map(([name, activity]) => [
    name,
    async (input: never) => {
      try {
        return await activity(input);
      } catch (error) {
        throw failureOf(error);
      }
    },
  ]);
  return Object.fromEntries(wrapped) as A;
}
