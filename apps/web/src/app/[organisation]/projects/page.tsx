import { ProjectsView } from '../../../features/projects/projects-view.js';
import { orNotFound, pageCaller } from '../../../server/page-caller.js';
import { PageHead } from '../../../ui/page-head.js';

export const metadata = { title: 'Projects' };

export default async function ProjectsPage({ params }: { params: Promise<{ organisation: string }> }) {
  const { organisation } = await params;
  const { api } = await pageCaller(`/${organisation}/projects`);
  const { role } = await orNotFound(api.organisation.get({ organisation }));
  const { items } = await api.project.list({ organisation, limit: 200 });
  return (
    <>
      <PageHead crumbs={[{ text: organisation, href: `/${organisation}` }, { text: 'Projects' }]} title="Projects" />
      <ProjectsView organisation={organisation} projects={items} mayWrite={role !== 'viewer'} />
    </>
  );
}
