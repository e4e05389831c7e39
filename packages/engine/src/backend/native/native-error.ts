import { type ErrorCode, LockstepError } from '@lockstep/contracts';

/**
 * Native errors by code: expected ones become LockstepError, broken invariants stay plain errors and end the process.
 * The one place where the two worlds meet.
 */
export function fromNative(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code = (error as { code?: unknown }).code;
  if (typeof code !== 'string' || code === 'internal' || !code.includes('.')) return error;
  return new LockstepError(code as ErrorCode, error.message, { cause: error });
}

export async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fromNative(error);
  }
}

export function translatedSync<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw fromNative(error);
  }
}
