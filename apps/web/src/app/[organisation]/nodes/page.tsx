import { NodesView } from '../../../features/nodes/nodes-view.js';
import { container } from '../../../server/container.js';
import { orNotFound, pageCaller } from '../../../server/page-caller.js';
import { PageHead } from '../../../ui/page-head.js';

export const metadata = { title: 'Nodes' };

export default async function NodesPage({ params }: { params: Promise<{ organisation: string }> }) {
  const { organisation } = await params;
  const { api } = await pageCaller();
  const { role } = await orNotFound(api.organisation.get({ organisation }));
  return (
    <>
      <PageHead crumbs={[{ text: organisation, href: `/${organisation}` }, { text: 'Nodes' }]} title="Nodes" />
      <NodesView
        organisation={organisation}
        origin={container().settings.publicUrl}
        mayManage={role === 'owner' || role === 'admin'}
      />
    </>
  );
}
