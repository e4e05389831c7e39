import { RunView } from '../../../../../features/runs/run-view.js';
import { orNotFound, pageCaller } from '../../../../../server/page-caller.js';
import { Crumbs } from '../../../../../ui/crumbs.js';

export const metadata = { title: 'Run' };

export default async function RunPage({
  params,
}: {
  params: Promise<{ organisation: string; project: string; run: string }>;
}) {
  const { organisation, run: runId } = await params;
  const { api } = await pageCaller();
  const run = await orNotFound(api.run.get({ organisation, runId }));
  const { role } = await api.organisation.get({ organisation });
  return (
    <>
      <Crumbs
        items={[
          { text: organisation, href: `/${organisation}` },
          { text: run.project, href: `/${organisation}/${run.project}/runs` },
          { text: run.name },
        ]}
      />
      <RunView initial={run} mayWrite={role !== 'viewer'} />
    </>
  );
}
