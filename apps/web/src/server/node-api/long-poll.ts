import type { NodeCall } from './call.js';

/** How long the database is not asked when nobody says that something changed. */
const patienceMs = 1000;

/** Looks until `isDone`, the time is over, or the node hung up; gives the last look. */
export async function longPoll<T>(
  { container, request }: NodeCall,
  { runId, waitSeconds }: { runId: string; waitSeconds: number },
  look: () => Promise<T>,
  isDone: (found: T) => boolean,
): Promise<T> {
  const until = Date.now() + waitSeconds * 1000;
  const watch = container.runSignals.watch(runId);
  try {
    for (;;) {
      const found = await look();
      const leftMs = until - Date.now();
      if (isDone(found) || leftMs <= 0 || request.signal.aborted) return found;
      await watch.news(Math.min(leftMs, patienceMs), request.signal);
    }
  } finally {
    watch.close();
  }
}
