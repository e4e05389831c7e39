import type { ReactNode } from 'react';
import { Shell } from '../../features/shell/shell.js';
import { frameCaller } from '../../server/page-caller.js';

/** The page “Projects” has all. */
const namedProjects = 20;

export default async function OrganisationLayout({
  params,
  children,
}: {
  params: Promise<{ organisation: string }>;
  children: ReactNode;
}) {
  const { organisation } = await params;
  const caller = await frameCaller();
  // What may not be seen is told by the page inside, which is the same as "not found".
  const found = await caller?.api.organisation.get({ organisation }).catch(() => null);
  if (!caller || !found) return children;
  const projects = await caller.api.project.list({ organisation, limit: namedProjects });
  return (
    <Shell
      organisation={{ slug: organisation, name: found.name }}
      projects={projects.items.map(({ slug, name }) => ({ slug, name }))}
      hasMoreProjects={projects.nextCursor !== null}
      userId={caller.user.id}
      userName={caller.user.name}
    >
      {children}
    </Shell>
  );
}
