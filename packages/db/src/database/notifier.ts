import type { Pool } from 'pg';

/** Channel of `<runId>:<cursor>` messages. */
export const runChannel = 'lockstep_run';

/** Least time between two messages about the same run from one process. */
const intervalMs = 100;

export interface Notifier {
  /** Tells listeners that a run has rows up to this cursor; call it after the commit. */
  runChanged(runId: string, cursor: number): void;
  close(): Promise<void>;
}

/**
 * Tells listeners what changed, at most ten times a second: the first change at once, then the newest of each interval.
 * A message that is lost with its process is no harm, because listeners read from their cursor, and also on a timer.
 */
export function createNotifier(pool: Pool): Notifier {
  const pending = new Map<string, number>();
  let timer: NodeJS.Timeout | null = null;
  let sending: Promise<void> = Promise.resolve();

  function flush(): void {
    timer = null;
    if (pending.size === 0) return;
    const messages = [...pending].map(([runId, cursor]) => `${runId}:${cursor}`);
    pending.clear();
    timer = setTimeout(flush, intervalMs);
    timer.unref();
    sending = sending
      .then(() =>
        pool.query('SELECT pg_notify($1, message) FROM unnest($2::text[]) AS message', [runChannel, messages]),
      )
      .then(
        () => undefined,
        () => undefined,
      );
  }

  return {
    runChanged(runId, cursor) {
      pending.set(runId, Math.max(cursor, pending.get(runId) ?? 0));
      if (timer === null) flush();
    },
    async close() {
      if (timer !== null) clearTimeout(timer);
      flush();
      if (timer !== null) clearTimeout(timer);
      await sending;
    },
  };
}
