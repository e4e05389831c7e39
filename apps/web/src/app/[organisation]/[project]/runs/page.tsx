import { RunsView } from '../../../../features/runs/runs-view.js';
import { orNotFound, pageCaller } from '../../../../server/page-caller.js';
import { Crumbs } from '../../../../ui/crumbs.js';

export const metadata = { title: 'Runs' };

export default async function RunsPage({ params }: { params: Promise<{ organisation: string; project: string }> }) {
  const { organisation, project } = await params;
  const { api } = await pageCaller(`/${organisation}/${project}/runs`);
  const { name } = await orNotFound(api.project.get({ organisation, project }));
  const { role } = await api.organisation.get({ organisation });
  const mayWrite = role !== 'viewer';
  return (
    <>
      <div>
        <Crumbs items={[{ text: organisation, href: `/${organisation}` }, { text: name }]} />
        <div className="head">
          <h1 className="grow">Runs</h1>
          {mayWrite ? (
            <a className="button primary" href={`/${organisation}/${project}/launch`}>
              Launch run
            </a>
          ) : null}
        </div>
      </div>
      <RunsView organisation={organisation} project={project} mayWrite={mayWrite} />
    </>
  );
}
