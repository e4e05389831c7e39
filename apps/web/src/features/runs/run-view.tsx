'use client';

import type { RunDetail } from '@lockstep/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { CopyButton } from '../../ui/copy-button.js';
import { formatCount, formatDuration, formatNumber, formatPercent, formatTime } from '../../ui/format.js';
import { StateMark } from '../../ui/run-state.js';
import { useNow } from '../../ui/use-now.js';
import { useTitle } from '../../ui/use-title.js';
import { messageOf, trpc } from '../api/trpc-client.js';
import { runReads, safetyInterval } from '../live/live-reads.js';
import { RunActions } from './run-actions.js';
import { RunCharts } from './run-charts.js';
import { RunCheckpoints } from './run-checkpoints.js';
import { RunFailure } from './run-failure.js';
import { useRunFeed } from './run-feed.js';
import { RunLog } from './run-log.js';
import { accuracyOf, durationMs, isOver, isSettled, lossOf } from './run-numbers.js';
import { RunSpecPanel } from './run-spec.js';
import { RunTimeline } from './run-timeline.js';

/** The same each time, so that nothing is drawn anew for it. */
const none: readonly never[] = [];

export function RunView({ initial, mayWrite }: { initial: RunDetail; mayWrite: boolean }) {
  const { organisation, id: runId } = initial;
  const client = useQueryClient();
  const nowMs = useNow();
  const [problem, setProblem] = useState<string | null>(null);
  const [isCancelling, setCancelling] = useState(false);
  const read = useQuery({
    queryKey: ['run', organisation, runId],
    queryFn: () => trpc.run.get.query({ organisation, runId }),
    initialData: initial,
    ...runReads(organisation, runId),
    refetchInterval: ({ state }) => (state.data !== undefined && isSettled(state.data) ? false : safetyInterval()),
  });
  const run = read.data;
  const isLive = !isOver(run.state);
  const feed = useRunFeed(organisation, runId, run.cursor);
  const events = feed.data?.events ?? none;
  const checkpointCount = events.filter(({ kind }) => kind === 'checkpoint').length;
  const checkpoints = useQuery({
    queryKey: ['checkpoints', organisation, runId, checkpointCount, run.state],
    queryFn: () => trpc.run.checkpoints.query({ organisation, runId, limit: 50 }),
    placeholderData: (before) => before,
  });
  const base = `/${organisation}/${run.project}/runs/${runId}`;
  const digest = run.result?.weightsDigest ?? null;
  const lost = feed.error ?? read.error;

  const share = isLive && run.totalSteps ? `${Math.floor((100 * run.step) / run.totalSteps)}% ` : '';
  useTitle(`${share}${run.name}, ${run.state}`);

  async function cancel(): Promise<void> {
    setCancelling(true);
    setProblem(await trpc.run.cancel.mutate({ organisation, runId }).then(() => null, messageOf));
    setCancelling(false);
    await client.invalidateQueries({ queryKey: ['run', organisation, runId] });
  }

  return (
    <>
      <div className="head">
        <h1>{run.name}</h1>
        <span aria-live="polite">
          <StateMark state={run.state} />
        </span>
        {run.reason === null ? null : <span className="tag">{run.reason}</span>}
        {run.tags.map((tag) => (
          <span key={tag} className="tag">
            {tag}
          </span>
        ))}
        <span className="grow" />
        {isLive || run.resolvedSpec.data.sampleShape.length !== 3 || checkpoints.data?.items.length === 0 ? null : (
          <a className="button" href={`${base}/think`}>
            See it think
          </a>
        )}
        {mayWrite ? (
          <>
            {isLive ? (
              <button type="button" className="danger" disabled={isCancelling} onClick={cancel}>
                Cancel run
              </button>
            ) : null}
            <RunActions run={run} onProblem={setProblem} />
            <a className="button" href={`/${organisation}/${run.project}/launch?clone=${runId}`}>
              Clone
            </a>
          </>
        ) : null}
      </div>
      {problem === null ? null : (
        <p role="alert" className="problem">
          {problem}
        </p>
      )}
      {lost === null ? null : (
        <p role="status" className="problem">
          {messageOf(lost)} What is shown is what was known; it goes on from there by itself.
        </p>
      )}
      {run.waitingFor === null ? null : (
        <section className="panel">
          <p className="body" role="status">
            {run.waitingFor}
          </p>
        </section>
      )}
      {run.notes === '' ? null : <p className="prose note">{run.notes}</p>}
      <RunFailure run={run} events={events} lines={feed.data?.log?.lines ?? none} mayWrite={mayWrite} />
      <dl className="facts">
        <Fact name="Step" value={`${formatCount(run.step)} / ${formatCount(run.totalSteps)}`} />
        <Fact name="Epoch" value={`${run.epoch} / ${run.epochs}`} />
        <Fact name={isLive ? 'Loss' : 'Final loss'} value={formatNumber(run.result?.testLoss ?? lossOf(run.summary))} />
        <Fact name={isLive ? 'Accuracy' : 'Final accuracy'} value={formatPercent(accuracyOf(run, run.summary))} />
        <Fact name="Samples/s" value={formatNumber(run.samplesPerSecond)} />
        <Fact name="Duration" value={formatDuration(durationMs(run, nowMs))} />
        <Fact name="Workers × cores" value={`${run.workers} × ${run.threads}`} />
      </dl>
      <RunTimeline events={events} nowMs={nowMs} />
      <RunCharts
        organisation={organisation}
        runId={runId}
        series={feed.data?.series ?? none}
        events={events}
        isLive={isLive}
        exportPath={`${base}/export`}
        stepsPerEpoch={run.totalSteps === null ? null : run.totalSteps / run.epochs}
        why={whyEmpty(feed.isPending, isLive, run.waitingFor)}
      />
      <div className="grid-side">
        <div className="stack">
          <RunCheckpoints
            checkpoints={checkpoints.data?.items ?? null}
            error={checkpoints.error === null ? null : messageOf(checkpoints.error)}
            hasMore={checkpoints.data?.nextCursor != null}
            base={base}
            isLive={isLive}
          />
          <RunLog log={feed.data?.log ?? null} isLive={isLive} exportPath={`${base}/export`} />
        </div>
        <div className="stack">
          <section className="panel" aria-label="Weights digest">
            <header>
              <h2 className="grow">Weights digest</h2>
              {digest === null ? null : <CopyButton text={digest} />}
            </header>
            <div className="body">
              {digest === null ? (
                <p className="muted">
                  {isLive
                    ? 'Known at the end. It depends on the spec and the data only.'
                    : 'The run ended without a trained model.'}
                </p>
              ) : (
                <p className="mono break" id="weights-digest">
                  {digest}
                </p>
              )}
            </div>
          </section>
          <section className="panel" aria-label="About this run">
            <header>
              <h2>About</h2>
            </header>
            <dl className="body pairs">
              <dt>Created by</dt>
              <dd>{run.createdBy.name}</dd>
              <dt>Created</dt>
              <dd className="mono">{formatTime(run.createdAt)} UTC</dd>
              <dt>Lanes</dt>
              <dd className="mono">{run.resolvedSpec.lanes}</dd>
              <dt>Instruction set</dt>
              <dd className="mono">{run.resolvedSpec.isa}</dd>
              <dt>Numeric class</dt>
              <dd className="mono" title={run.numericClass ?? ''}>
                {run.numericClass?.slice(0, 16) ?? '–'}
              </dd>
              <dt>Dataset</dt>
              <dd className="mono" title={run.resolvedSpec.data.version}>
                {run.resolvedSpec.data.version.slice(0, 16)}
              </dd>
              <dt>Run id</dt>
              <dd className="mono">{runId}</dd>
            </dl>
          </section>
        </div>
      </div>
      <RunSpecPanel requested={run.requestedSpec} resolved={run.resolvedSpec} />
    </>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function whyEmpty(isReading: boolean, isLive: boolean, waitingFor: string | null): string {
  if (isReading) return 'Reading …';
  if (waitingFor !== null) return 'The run waits for cores; points come with its first steps.';
  return isLive ? 'Points come with its first steps.' : 'The run ended before it recorded a point.';
}
