'use client';

import type { Project } from '@lockstep/contracts';
import { useQuery } from '@tanstack/react-query';
import { SkeletonRows } from '../../ui/skeleton-rows.js';
import { messageOf, trpc } from '../api/trpc-client.js';
import { nodesReads, runsReads } from '../live/live-reads.js';
import { NodeTable } from '../nodes/node-table.js';
import { ProjectTable } from '../projects/projects-view.js';
import { isOver } from '../runs/run-numbers.js';
import { RunTable } from '../runs/run-table.js';
import { CreateProjectForm } from './forms.js';

const recentRuns = 12;

/** What runs, what ended lately, where: or what to do first. */
export function HomeView({
  organisation,
  projects,
  mayWrite,
}: {
  organisation: string;
  projects: readonly Project[];
  mayWrite: boolean;
}) {
  const runs = useQuery({
    queryKey: ['home', organisation],
    queryFn: async () => {
      const { items } = await trpc.run.list.query({ organisation, limit: 50 });
      const runIds = items.map(({ id }) => id);
      const summaries = runIds.length === 0 ? {} : await trpc.run.summaries.query({ organisation, runIds });
      return { items, summaries };
    },
    ...runsReads(organisation),
  });
  const nodes = useQuery({
    queryKey: ['nodes', organisation],
    queryFn: () => trpc.node.list.query({ organisation, limit: 200 }),
    ...nodesReads(organisation),
  });
  const items = runs.data?.items ?? [];
  const active = items.filter(({ state }) => !isOver(state));
  const ended = items.filter(({ state }) => isOver(state)).slice(0, recentRuns);
  const [first] = projects;
  const failed = runs.error ?? nodes.error;
  return (
    <>
      {failed === null ? null : (
        <p role="alert" className="problem">
          {messageOf(failed)}
        </p>
      )}
      {runs.data !== undefined && items.length === 0 ? (
        <section className="panel" aria-label="First steps">
          <header>
            <h2>First steps</h2>
          </header>
          <ol className="body form">
            <li>
              1. {projects.length === 0 ? 'Make a project: runs live in one.' : `Project ${first?.name} is there.`}
            </li>
            <li>
              2.{' '}
              {nodes.data?.items.some(({ state }) => state === 'ready') ? (
                `${nodes.data.items.length} node(s) are there.`
              ) : (
                <a href={`/${organisation}/nodes`}>Add a node: it computes the runs.</a>
              )}
            </li>
            <li>
              3.{' '}
              {first === undefined || !mayWrite ? (
                'Launch a run.'
              ) : (
                <a className="button primary" href={`/${organisation}/${first.slug}/launch`}>
                  Launch the first run
                </a>
              )}
            </li>
          </ol>
        </section>
      ) : null}
      <section className="panel" aria-label="Projects">
        <header>
          <h2>Projects</h2>
        </header>
        {projects.length === 0 ? (
          <p className="empty">No project yet.</p>
        ) : (
          <ProjectTable organisation={organisation} projects={projects} mayWrite={mayWrite} />
        )}
        {mayWrite ? (
          <details className="fold">
            <summary>New project</summary>
            <div className="body">
              <CreateProjectForm organisation={organisation} />
            </div>
          </details>
        ) : null}
      </section>
      {active.length === 0 ? null : (
        <section className="panel" aria-label="Running">
          <header>
            <h2>Running now</h2>
          </header>
          <RunTable runs={active} summaries={runs.data?.summaries ?? {}} />
        </section>
      )}
      {ended.length === 0 ? null : (
        <section className="panel" aria-label="Ended lately">
          <header>
            <h2>Ended lately</h2>
          </header>
          <RunTable runs={ended} summaries={runs.data?.summaries ?? {}} />
        </section>
      )}
      <section className="panel" aria-label="Nodes">
        <header>
          <h2>Nodes</h2>
        </header>
        {nodes.isPending ? (
          <SkeletonRows of="nodes" count={2} />
        ) : (
          <NodeTable organisation={organisation} nodes={nodes.data?.items ?? []} />
        )}
      </section>
    </>
  );
}
