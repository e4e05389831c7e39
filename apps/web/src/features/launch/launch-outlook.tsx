'use client';

import type { NodeRow, RunState } from '@lockstep/contracts';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { formatDuration } from '../../ui/format.js';
import { useNow } from '../../ui/use-now.js';
import { useSettled } from '../../ui/use-settled.js';
import { readAll } from '../api/read-all.js';
import { trpc } from '../api/trpc-client.js';
import { nodesReads, runsReads } from '../live/live-reads.js';
import { expectedWait } from './expected-wait.js';

/** Of typing, before the server is asked. */
const restMs = 400;
const computing: RunState[] = ['starting', 'training', 'recovering', 'evaluating', 'stopping'];

/** Free cores, how long the run would wait for its own, and how long its epochs take where that is known. */
export function LaunchOutlook({
  organisation,
  project,
  nodes: given,
  spec,
  workers,
  threads,
  epochs,
}: {
  organisation: string;
  project: string;
  nodes: readonly NodeRow[];
  /** Null while it has mistakes. */
  spec: string | null;
  workers: number;
  threads: number;
  epochs: number | null;
}) {
  const nowMs = useNow();
  const asked = useSettled(spec, restMs);
  const isAsked = workers > 0 && threads > 0;
  const nodes = useQuery({
    queryKey: ['nodes', organisation],
    queryFn: () => readAll((part) => trpc.node.list.query({ organisation, ...part })),
    ...nodesReads(organisation),
  });
  const runs = useQuery({
    queryKey: ['computing', organisation],
    queryFn: () => trpc.run.list.query({ organisation, states: computing, limit: 100 }),
    ...runsReads(organisation, 3000),
  });
  const pace = useQuery({
    queryKey: ['pace', organisation, project, asked, workers, threads],
    queryFn: async () =>
      (await trpc.run.validate.query({ organisation, project, spec: asked ?? '', workers, threads })).pace,
    enabled: asked !== null && isAsked,
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 60_000,
  });
  const present = nodes.data ?? given;
  const ready = present.filter(({ state }) => state === 'ready');
  const free = ready.reduce((sum, { cores, usedCores }) => sum + cores - usedCores, 0);
  const all = ready.reduce((sum, { cores }) => sum + cores, 0);
  const wait =
    isAsked && nowMs !== null ? expectedWait(present, runs.data?.items ?? [], { workers, threads }, nowMs) : null;
  const known = asked === null ? null : (pace.data ?? null);
  return (
    <p className="muted small" role="status">
      {free} of {all} cores are free on {ready.length} {ready.length === 1 ? 'node' : 'nodes'}
      {wait === null
        ? '.'
        : wait.ms === 0
          ? ': it starts at once.'
          : wait.ms === null
            ? ': it waits until there are enough; how long is not known.'
            : `: it waits about ${formatDuration(wait.ms)}, until ${wait.after ?? 'others'} ends.`}{' '}
      {known === null ? null : (
        <>
          An epoch takes about {formatDuration(known.secondsPerEpoch * 1000)}
          {epochs === null ? '' : `, all of them ${formatDuration(known.secondsPerEpoch * epochs * 1000)}`}: it did in{' '}
          <a href={`/${organisation}/${project}/runs/${known.runId}`}>{known.name}</a>.{' '}
        </>
      )}
      Workers change the time, not the result.
    </p>
  );
}
