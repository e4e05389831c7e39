import { runIdSchema } from '@lockstep/contracts';
import { notFound } from 'next/navigation';
import { CompareView } from '../../../../features/compare/compare-view.js';
import { orNotFound, pageCaller } from '../../../../server/page-caller.js';
import { PageHead } from '../../../../ui/page-head.js';

export const metadata = { title: 'Compare' };

const mostRuns = 10;

export default async function ComparePage({
  params,
  searchParams,
}: {
  params: Promise<{ organisation: string; project: string }>;
  searchParams: Promise<{ runs?: string | string[] }>;
}) {
  const { organisation, project } = await params;
  const { runs: given } = await searchParams;
  const runIds = [...new Set(typeof given === 'string' ? given.split(',') : [])];
  const { api } = await pageCaller();
  const { name } = await orNotFound(api.project.get({ organisation, project }));
  const crumbs = [
    { text: organisation, href: `/${organisation}` },
    { text: name, href: `/${organisation}/${project}/runs` },
    { text: 'Compare' },
  ];
  if (runIds.length < 2 || runIds.length > mostRuns) {
    return (
      <>
        <PageHead crumbs={crumbs} title="Compare" />
        <section className="panel">
          <div className="empty">
            <p>
              {runIds.length < 2
                ? 'Two runs at least: tick them in the list of runs, then choose Compare.'
                : `At most ${mostRuns} runs can be told apart; these are ${runIds.length}.`}
            </p>
            <a className="button" href={`/${organisation}/${project}/runs`}>
              To the runs
            </a>
          </div>
        </section>
      </>
    );
  }
  if (runIds.some((runId) => !runIdSchema.safeParse(runId).success)) notFound();
  const runs = await Promise.all(runIds.map((runId) => orNotFound(api.run.get({ organisation, runId }))));
  return (
    <>
      <PageHead crumbs={crumbs} title={`Compare ${runs.length} runs`} />
      <CompareView organisation={organisation} initial={runs} />
    </>
  );
}
