import { redirect } from 'next/navigation';
import { orNotFound, pageCaller } from '../../../server/page-caller.js';

/** What a project shows first. */
export default async function ProjectPage({ params }: { params: Promise<{ organisation: string; project: string }> }) {
  const { organisation, project } = await params;
  const { api } = await pageCaller();
  await orNotFound(api.project.get({ organisation, project }));
  redirect(`/${organisation}/${project}/runs`);
}
