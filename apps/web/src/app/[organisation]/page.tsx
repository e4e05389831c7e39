import { readAll } from '../../features/api/read-all.js';
import { HomeView } from '../../features/organisations/home-view.js';
import { orNotFound, pageCaller } from '../../server/page-caller.js';

export const metadata = { title: 'Home' };

export default async function OrganisationPage({ params }: { params: Promise<{ organisation: string }> }) {
  const { organisation } = await params;
  const { api } = await pageCaller();
  const { name, role } = await orNotFound(api.organisation.get({ organisation }));
  const projects = await readAll((part) => api.project.list({ organisation, ...part }));
  return (
    <>
      <div className="head">
        <h1>{name}</h1>
        <span className="tag">{role}</span>
      </div>
      <HomeView organisation={organisation} projects={projects} mayWrite={role !== 'viewer'} />
    </>
  );
}
