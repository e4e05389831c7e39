'use client';

import type { LogLine, RunDetail } from '@lockstep/contracts';
import { useState } from 'react';
import { messageOf, trpc } from '../api/trpc-client.js';
import type { FeedEvent } from './feed-event.js';
import { nextAction } from './next-action.js';

const lastLines = 12;

/** Why a run failed, what its rank said last, and what to do. */
export function RunFailure({
  run,
  events,
  lines,
  mayWrite,
}: {
  run: RunDetail;
  events: readonly FeedEvent[];
  lines: readonly LogLine[];
  mayWrite: boolean;
}) {
  const { organisation, project, id: runId, failure } = run;
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  if (failure === null) return null;
  const failed = [...events].reverse().find(({ kind }) => kind === 'rank-failed')?.data;
  const rank = typeof failed?.rank === 'number' ? failed.rank : null;
  // What the rank said, where that is more than the cause itself.
  const said = lines.filter(
    ({ source, text }) => text !== failure.message && (rank === null || source.endsWith(`rank-${rank}`)),
  );

  async function retry(): Promise<void> {
    setBusy(true);
    try {
      const created = await trpc.run.retry.mutate({ organisation, runId });
      window.location.assign(`/${organisation}/${project}/runs/${created.runId}`);
    } catch (error) {
      setProblem(messageOf(error));
      setBusy(false);
    }
  }

  return (
    <section className="panel bad" aria-label="Why it failed">
      <header>
        <h2>Why it failed</h2>
        <code>{failure.code}</code>
        <span className="muted small">
          {[
            failure.step === null ? null : `step ${failure.step}`,
            failure.node === null ? null : `layer ${failure.node}`,
            rank === null ? null : `rank ${rank}`,
          ]
            .filter((part) => part !== null)
            .join(' · ')}
        </span>
      </header>
      <div className="body stack">
        <p className="prose">{failure.message}</p>
        {said.length === 0 ? null : (
          <figure>
            <figcaption className="muted small">
              {rank === null ? 'The last lines of its processes' : `The last lines of rank ${rank}`}
            </figcaption>
            <pre className="prose">
              {said
                .slice(-lastLines)
                .map(({ source, text }) => (rank === null ? `${source}  ${text}` : text))
                .join('\n')}
            </pre>
          </figure>
        )}
        <p>
          <b>What to do.</b> {nextAction(failure.code)}
        </p>
        {mayWrite ? (
          <p className="row">
            <button type="button" disabled={isBusy} onClick={retry}>
              {isBusy ? 'Retrying …' : 'Retry'}
            </button>
            <a className="button primary" href={`/${organisation}/${project}/launch?clone=${runId}`}>
              Launch again with changes
            </a>
          </p>
        ) : null}
        {problem === null ? null : (
          <p role="alert" className="problem">
            {problem}
          </p>
        )}
      </div>
    </section>
  );
}
