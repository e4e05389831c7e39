/** An answer of the node API that is no success, or none at all (status 0). */
export class NodeApiError extends Error {
  override readonly name = 'NodeApiError';

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
  }

  /** The generation that the request was for is over: nothing of it is wanted any more. */
  get isStale(): boolean {
    return this.code === 'infrastructure.stale-generation' || this.status === 410;
  }

  /** The same request may succeed later: nobody answered, or the one who answered was in trouble. */
  get isTransient(): boolean {
    if (this.isStale) return false;
    return this.status === 0 || this.status === 401 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}
