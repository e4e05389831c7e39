import type { NodeRow, Run } from '@lockstep/contracts';

export interface ExpectedWait {
  /** 0: it starts at once. Null: it cannot be known. */
  readonly ms: number | null;
  /** The last run that has to end before. */
  readonly after: string | null;
}

/** How long a run waits for cores, if those that compute now go on as fast as they did. Queued runs are not counted. */
export function expectedWait(
  nodes: readonly Pick<NodeRow, 'state' | 'cores' | 'usedCores'>[],
  runs: readonly Pick<Run, 'name' | 'workers' | 'threads' | 'step' | 'totalSteps' | 'startedAt'>[],
  { workers, threads }: { workers: number; threads: number },
  nowMs: number,
): ExpectedWait {
  const ready = nodes.filter(({ state }) => state === 'ready');
  const places = ready.reduce((sum, { cores, usedCores }) => sum + Math.floor((cores - usedCores) / threads), 0);
  if (places >= workers) return { ms: 0, after: null };
  const most = ready.reduce((sum, { cores }) => sum + Math.floor(cores / threads), 0);
  // Never, with the nodes that there are.
  if (most < workers) return { ms: null, after: null };
  const ends = runs
    .flatMap((run) => {
      const ms = remainingMs(run, nowMs);
      return ms === null ? [] : [{ ms, name: run.name, cores: run.workers * run.threads }];
    })
    .sort((a, b) => a.ms - b.ms);
  let free = ready.reduce((sum, { cores, usedCores }) => sum + cores - usedCores, 0);
  for (const { ms, name, cores } of ends) {
    free += cores;
    if (free >= workers * threads) return { ms, after: name };
  }
  return { ms: null, after: null };
}

function remainingMs(
  { step, totalSteps, startedAt }: Pick<Run, 'step' | 'totalSteps' | 'startedAt'>,
  nowMs: number,
): number | null {
  if (startedAt === null || totalSteps === null || step === 0) return null;
  return ((nowMs - Date.parse(startedAt)) * (totalSteps - step)) / step;
}
