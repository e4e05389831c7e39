/**
 * Wakes whoever waits for news of a run in this process. News are hints: they may come without a change, and a waiter
 * looks into the database itself, also when none came for a while.
 */
export class RunSignals {
  private readonly waiters = new Map<string, Set<() => void>>();

  notify(runId: string): void {
    for (const wake of this.waiters.get(runId) ?? []) wake();
  }

  /** After a lost connection everything may have changed. */
  notifyAll(): void {
    for (const runId of this.waiters.keys()) this.notify(runId);
  }

  /**
   * Begins to listen at once, so that nothing between a look and the wait is missed: make the watch, look, then wait.
   */
  watch(runId: string): RunWatch {
    let isNews = false;
    let resolve: (() => void) | null = null;
    const wake = (): void => {
      isNews = true;
      resolve?.();
    };
    const waiters = this.waiters.get(runId) ?? new Set();
    waiters.add(wake);
    this.waiters.set(runId, waiters);
    return {
      news: async (maxMs, signal) => {
        if (!isNews && !signal?.aborted) {
          await new Promise<void>((done) => {
            const timer = setTimeout(done, maxMs);
            const end = (): void => {
              clearTimeout(timer);
              done();
            };
            resolve = end;
            signal?.addEventListener('abort', end, { once: true });
          });
          resolve = null;
        }
        isNews = false;
      },
      close: () => {
        waiters.delete(wake);
        if (waiters.size === 0 && this.waiters.get(runId) === waiters) this.waiters.delete(runId);
      },
    };
  }
}

export interface RunWatch {
  /** Resolves with the next news, with news since the last call, after `maxMs`, or when the signal aborts. */
  news(maxMs: number, signal?: AbortSignal): Promise<void>;
  close(): void;
}
