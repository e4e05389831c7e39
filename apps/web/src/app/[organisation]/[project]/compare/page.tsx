import { runIdSchema } from '@lockstep/contracts';
import { notFound } from 'next/navigation';
import { CompareView } from '../../../../features/compare/compare-view.js';
import { orNotFound, pageCaller } from '../../../../server/page-caller.js';
import { Crumbs } from '../../../../ui/crumbs.js';

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
  const { api } = await pageCaller(`/${organisation}/${project}/compare`);
  const { name } = await orNotFound(api.project.get({ organisation, project }));
  if (runIds.length < 2 || runIds.length > mostRuns) notFound();
  if (runIds.some((runId) => !runIdSchema.safeParse(runId).success)) notFound();
  const runs = await Promise.all(runIds.map((runId) => orNotFound(api.run.get({ organisation, runId }))));
  return (
    <>
      <div>
        <Crumbs
          items={[
            { text: organisation, href: `/${organisation}` },
            { text: name, href: `/${organisation}/${project}/runs` },
            { text: 'Compare' },
          ]}
        />
        <div className="head">
          <h1>Compare {runs.length} runs</h1>
        </div>
      </div>
      <CompareView organisation={organisation} initial={runs} />
    </>
  );
}
