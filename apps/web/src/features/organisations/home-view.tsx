'use client';

import { finalRunStates, isFinalRunState, type Project, runStates } from '@lockstep/contracts';
import { useQuery } from '@tanstack/react-query';
import { SkeletonRows } from '../../ui/skeleton-rows.js';
import { readAll } from '../api/read-all.js';
import { messageOf, trpc } from '../api/trpc-client.js';
import { nodesReads, runsReads } from '../live/live-reads.js';
import { NodeTable } from '../nodes/node-table.js';
import { ProjectTable } from '../projects/projects-view.js';
import { RunTable } from '../runs/run-table.js';
import { CreateProjectForm } from './forms.js';

const recentRuns = 12;
const shownProjects = 10;
const activeRuns = 50;
const activeStates = runStates.filter((state) => !isFinalRunState(state));

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
      const [active, ended] = await Promise.all([
        trpc.run.list.query({ organisation, states: activeStates, limit: activeRuns }),
        trpc.run.list.query({ organisation, states: [...finalRunStates], limit: recentRuns }),
      ]);
      const items = [...active.items, ...ended.items];
      const runIds = items.map(({ id }) => id);
      const summaries = runIds.length === 0 ? {} : await trpc.run.summaries.query({ organisation, runIds });
      return { active, ended: ended.items, summaries };
    },
    ...runsReads(organisation),
  });
  const nodes = useQuery({
    queryKey: ['nodes', organisation],
    queryFn: () => readAll((part) => trpc.node.list.query({ organisation, ...part })),
    ...nodesReads(organisation),
  });
  const active = runs.data?.active.items ?? [];
  const ended = runs.data?.ended ?? [];
  const [first] = projects;
  const failed = runs.error ?? nodes.error;
  return (
    <>
      {failed === null ? null : (
        <p role="alert" className="problem">
          {messageOf(failed)}
        </p>
      )}
      {runs.data !== undefined && active.length + ended.length === 0 ? (
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
              {nodes.data?.some(({ state }) => state === 'ready') ? (
                `${nodes.data.length} node(s) are there.`
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
          <h2 className="grow">Projects</h2>
          {projects.length <= shownProjects ? null : (
            <a className="button small" href={`/${organisation}/projects`}>
              All {projects.length} projects
            </a>
          )}
        </header>
        {projects.length === 0 ? (
          <p className="empty">No project yet.</p>
        ) : (
          <ProjectTable organisation={organisation} projects={projects.slice(0, shownProjects)} mayWrite={mayWrite} />
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
            {runs.data?.active.nextCursor == null ? null : (
              <span className="muted small">the newest {activeRuns}; each project lists all of its runs</span>
            )}
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
        {nodes.data === undefined ? (
          <SkeletonRows of="nodes" count={2} />
        ) : (
          <NodeTable organisation={organisation} nodes={nodes.data} />
        )}
      </section>
    </>
  );
}
