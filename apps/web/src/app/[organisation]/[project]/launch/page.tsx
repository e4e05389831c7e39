import { runIdSchema } from '@lockstep/contracts';
import { notFound } from 'next/navigation';
import { readAll } from '../../../../features/api/read-all.js';
import { LaunchForm } from '../../../../features/launch/launch-form.js';
import { container } from '../../../../server/container.js';
import { orNotFound, pageCaller } from '../../../../server/page-caller.js';
import { PageHead } from '../../../../ui/page-head.js';

export const metadata = { title: 'Launch' };

export default async function LaunchPage({
  params,
  searchParams,
}: {
  params: Promise<{ organisation: string; project: string }>;
  searchParams: Promise<{ clone?: string | string[] }>;
}) {
  const { organisation, project } = await params;
  const { clone } = await searchParams;
  const { api } = await pageCaller();
  const { name } = await orNotFound(api.project.get({ organisation, project }));
  const { role } = await api.organisation.get({ organisation });
  const source = clone === undefined ? null : runIdSchema.safeParse(clone);
  if (source?.success === false) notFound();
  const [datasets, nodes, cloned] = await Promise.all([
    readAll((part) => api.dataset.list({ organisation, ...part })),
    readAll((part) => api.node.list({ organisation, ...part })),
    source === null ? null : orNotFound(api.run.get({ organisation, runId: source.data })),
  ]);
  return (
    <>
      <PageHead
        crumbs={[
          { text: organisation, href: `/${organisation}` },
          { text: name, href: `/${organisation}/${project}/runs` },
          { text: 'Launch' },
        ]}
        title={cloned === null ? 'Launch a run' : `Clone ${cloned.name}`}
      />
      {role === 'viewer' ? (
        <section className="panel">
          <p className="empty">
            You are a viewer here: you see runs and launch none. An admin can change your role on the page “Members”.
          </p>
        </section>
      ) : (
        <LaunchForm
          organisation={organisation}
          project={project}
          origin={container().settings.publicUrl}
          datasets={datasets}
          nodes={nodes}
          cloned={cloned}
        />
      )}
    </>
  );
}
