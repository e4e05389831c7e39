import type { Pool } from 'pg';

/** Channel of `<runId>:<cursor>` messages. */
export const runChannel = 'lockstep_run';
/** Channel of organisations' ids. */
export const nodesChannel = 'lockstep_nodes';

/** Least time between two messages about the same thing from one process. */
const intervalMs = 100;

export interface Notifier {
  /** Tells listeners that a run has rows up to this cursor; call it after the commit. */
  runChanged(runId: string, cursor: number): void;
  /** Tells listeners that nodes of an organisation, or what is placed on them, changed; call it after the commit. */
  nodesChanged(organisationId: string): void;
  close(): Promise<void>;
}

/**
 * Tells listeners what changed, at most ten times a second: the first change at once, then the newest of each interval.
 * A message that is lost with its process is no harm, because listeners read from their cursor, and also on a timer.
 */
export function createNotifier(pool: Pool): Notifier {
  const pending = new Map<string, number>();
  const pendingNodes = new Set<string>();
  let timer: NodeJS.Timeout | null = null;
  let sending: Promise<void> = Promise.resolve();

  function flush(): void {
    timer = null;
    if (pending.size === 0 && pendingNodes.size === 0) return;
    const runs = [...pending].map(([runId, cursor]) => `${runId}:${cursor}`);
    const nodes = [...pendingNodes];
    pending.clear();
    pendingNodes.clear();
    timer = setTimeout(flush, intervalMs);
    timer.unref();
    sending = sending
      .then(() =>
        pool.query('SELECT pg_notify(channel, message) FROM unnest($1::text[], $2::text[]) AS t (channel, message)', [
          [...runs.map(() => runChannel), ...nodes.map(() => nodesChannel)],
          [...runs, ...nodes],
        ]),
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
    nodesChanged(organisationId) {
      pendingNodes.add(organisationId);
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
