import { setTimeout as wait } from 'node:timers/promises';

const firstMs = 100;
const longestMs = 5000;

/** Pauses between tries: twice as long after each that failed, up to five seconds. */
export class Backoff {
  private tries = 0;

  /** Resolves after the pause; rejects when the signal aborts. */
  async pause(signal: AbortSignal): Promise<void> {
    const ms = Math.min(longestMs, firstMs * 2 ** this.tries);
    this.tries += 1;
    await wait(ms, undefined, { signal });
  }

  reset(): void {
    this.tries = 0;
  }
}
