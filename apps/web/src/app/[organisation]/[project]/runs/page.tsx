import { RunsView } from '../../../../features/runs/runs-view.js';
import { orNotFound, pageCaller } from '../../../../server/page-caller.js';
import { PageHead } from '../../../../ui/page-head.js';

export async function generateMetadata({ params }: { params: Promise<{ project: string }> }) {
  return { title: `Runs of ${(await params).project}` };
}

export default async function RunsPage({ params }: { params: Promise<{ organisation: string; project: string }> }) {
  const { organisation, project } = await params;
  const { api } = await pageCaller();
  const { name } = await orNotFound(api.project.get({ organisation, project }));
  const { role } = await api.organisation.get({ organisation });
  const mayWrite = role !== 'viewer';
  return (
    <>
      <PageHead crumbs={[{ text: organisation, href: `/${organisation}` }, { text: name }]} title="Runs">
        {mayWrite ? (
          <a className="button primary" href={`/${organisation}/${project}/launch`}>
            Launch run
          </a>
        ) : null}
      </PageHead>
      <RunsView organisation={organisation} project={project} mayWrite={mayWrite} />
    </>
  );
}
