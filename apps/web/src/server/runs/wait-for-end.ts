import { isFinalRunState } from '@lockstep/contracts';
import { type Context, getRun } from '@lockstep/db';
import type { Container } from '../container.js';

/** How long the database is not asked when nobody says that something changed. */
const patienceMs = 2000;

/** The run when it has ended, or as it is after `timeoutMs`. */
export async function waitForEnd(
  { db, runSignals }: Container,
  context: Context,
  { organisationId, runId, timeoutMs }: { organisationId: string; runId: string; timeoutMs: number },
  signal: AbortSignal,
) {
  const until = Date.now() + timeoutMs;
  const watch = runSignals.watch(runId);
  try {
    for (;;) {
      const run = await getRun(db, context, { organisationId, runId });
      const leftMs = until - Date.now();
      if (isFinalRunState(run.state) || leftMs <= 0 || signal.aborted) return run;
      await watch.news(Math.min(leftMs, patienceMs), signal);
    }
  } finally {
    watch.close();
  }
}
