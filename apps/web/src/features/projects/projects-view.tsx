'use client';

import type { Project } from '@lockstep/contracts';
import { useQuery } from '@tanstack/react-query';
import { formatAge, formatCount, formatTime } from '../../ui/format.js';
import { Scroll } from '../../ui/scroll.js';
import { useNow } from '../../ui/use-now.js';
import { messageOf, trpc } from '../api/trpc-client.js';
import { runsReads } from '../live/live-reads.js';
import { CreateProjectForm } from '../organisations/forms.js';

/** All runs are counted for it. */
const countMs = 5000;

export function ProjectsView({
  organisation,
  projects,
  mayWrite,
}: {
  organisation: string;
  projects: readonly Project[];
  mayWrite: boolean;
}) {
  return (
    <>
      <section className="panel" aria-label="Projects">
        {projects.length === 0 ? (
          <div className="empty">
            <p>No project yet. Runs live in one; people who belong to the organisation see all of them.</p>
            {mayWrite ? <p>Name the first one below.</p> : <p>A member can make one; you are a viewer here.</p>}
          </div>
        ) : (
          <ProjectTable organisation={organisation} projects={projects} mayWrite={mayWrite} />
        )}
      </section>
      {mayWrite ? (
        <section className="panel" aria-label="New project">
          <header>
            <h2>New project</h2>
          </header>
          <div className="body">
            <CreateProjectForm organisation={organisation} />
          </div>
        </section>
      ) : null}
    </>
  );
}

/** Projects with what happens in them. */
export function ProjectTable({
  organisation,
  projects,
  mayWrite,
}: {
  organisation: string;
  projects: readonly Project[];
  mayWrite: boolean;
}) {
  const nowMs = useNow();
  const activity = useQuery({
    queryKey: ['projects', organisation],
    queryFn: () => trpc.project.activity.query({ organisation }),
    ...runsReads(organisation, countMs),
  });
  return (
    <>
      {activity.error === null ? null : (
        <p role="alert" className="problem body">
          {messageOf(activity.error)}
        </p>
      )}
      <Scroll>
        <table>
          <thead>
            <tr>
              <th>Project</th>
              <th className="num">Runs</th>
              <th className="num">At work</th>
              <th>Last launch</th>
              <th className="wide-only">In addresses</th>
              {mayWrite ? (
                <th>
                  <span className="hidden">Actions</span>
                </th>
              ) : null}
            </tr>
          </thead>
          <tbody>
            {projects.map(({ slug, name }) => {
              const { runs, active, lastRunAt = null } = activity.data?.[slug] ?? {};
              const last = lastRunAt?.toISOString();
              return (
                <tr key={slug}>
                  <td>
                    <a href={`/${organisation}/${slug}/runs`}>{name}</a>
                  </td>
                  <td className="num">{formatCount(runs)}</td>
                  <td className="num">{formatCount(active)}</td>
                  <td className="muted" title={last === undefined ? '' : `${formatTime(last)} UTC`}>
                    {last === undefined || nowMs === null ? '–' : formatAge(last, nowMs)}
                  </td>
                  <td className="mono muted wide-only">{slug}</td>
                  {mayWrite ? (
                    <td>
                      <span className="row end">
                        <a
                          className="button small"
                          href={`/${organisation}/${slug}/launch`}
                          aria-label={`Launch a run in ${name}`}
                        >
                          Launch
                        </a>
                      </span>
                    </td>
                  ) : null}
                </tr>
              );
            })}
          </tbody>
        </table>
      </Scroll>
    </>
  );
}
