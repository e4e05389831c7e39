import { readAll } from '../../../features/api/read-all.js';
import { ProjectsView } from '../../../features/projects/projects-view.js';
import { orNotFound, pageCaller } from '../../../server/page-caller.js';
import { PageHead } from '../../../ui/page-head.js';

export const metadata = { title: 'Projects' };

export default async function ProjectsPage({ params }: { params: Promise<{ organisation: string }> }) {
  const { organisation } = await params;
  const { api } = await pageCaller();
  const { role } = await orNotFound(api.organisation.get({ organisation }));
  const projects = await readAll((part) => api.project.list({ organisation, ...part }));
  return (
    <>
      <PageHead crumbs={[{ text: organisation, href: `/${organisation}` }, { text: 'Projects' }]} title="Projects" />
      <ProjectsView organisation={organisation} projects={projects} mayWrite={role !== 'viewer'} />
    </>
  );
}
