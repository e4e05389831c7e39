import { NodesView } from '../../../features/nodes/nodes-view.js';
import { orNotFound, pageCaller } from '../../../server/page-caller.js';
import { Crumbs } from '../../../ui/crumbs.js';

export const metadata = { title: 'Nodes' };

export default async function NodesPage({ params }: { params: Promise<{ organisation: string }> }) {
  const { organisation } = await params;
  const { api } = await pageCaller(`/${organisation}/nodes`);
  const { role } = await orNotFound(api.organisation.get({ organisation }));
  return (
    <>
      <div>
        <Crumbs items={[{ text: organisation, href: `/${organisation}` }, { text: 'Nodes' }]} />
        <div className="head">
          <h1>Nodes</h1>
        </div>
      </div>
      <NodesView organisation={organisation} mayAdd={role === 'owner' || role === 'admin'} />
    </>
  );
}
