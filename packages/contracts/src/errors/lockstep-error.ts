import type { ErrorCode } from './codes.js';

/** One thing wrong in a document, with its place when the text is known. */
export interface Problem {
  /** Where: `training.optimizer.learningRate`, `model.layers[3].kernel`; empty for the whole document. */
  readonly path: string;
  /** What was expected, for what, what came and what to do, in one or two sentences. */
  readonly message: string;
  /** 1-based; null where the text is not known. */
  readonly line: number | null;
  readonly column: number | null;
}

export interface LockstepErrorOptions {
  /** What led to this error. */
  readonly cause?: unknown;
  /** For logs and maintainers; never shown to users unless they ask for it. */
  readonly detail?: string;
  /** Every problem found, where there can be more than one. */
  readonly problems?: readonly Problem[];
  /** The graph node that the error is about. */
  readonly node?: string;
  /** The training step (0-based, global) that the error is about. */
  readonly step?: number;
}

/**
 * An expected error. `message` is for the user: what was expected, for what, what came, what to do. Programs decide by
 * `code` only; messages are never parsed. A broken invariant is not a LockstepError: it throws a plain Error and ends the
 * process it happens in.
 */
export class LockstepError extends Error {
  override readonly name = 'LockstepError';
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly problems: readonly Problem[];
  readonly node: string | undefined;
  readonly step: number | undefined;

  constructor(code: ErrorCode, message: string, options: LockstepErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.detail = options.detail;
    this.problems = options.problems ?? [];
    this.node = options.node;
    this.step = options.step;
  }
}

/** True for errors made by this package, also those of a second copy of it in the same process. */
export function isLockstepError(error: unknown): error is LockstepError {
  return (
    error instanceof Error && error.name === 'LockstepError' && typeof (error as { code?: unknown }).code === 'string'
  );
}
