import { CreateProjectForm, InviteForm } from '../../features/organisations/forms.js';
import { RunTable } from '../../features/runs/run-table.js';
import { orNotFound, pageCaller } from '../../server/page-caller.js';

export default async function OrganisationPage({ params }: { params: Promise<{ organisation: string }> }) {
  const { organisation } = await params;
  const { api } = await pageCaller(`/${organisation}`);
  const { name, role } = await orNotFound(api.organisation.get({ organisation }));
  const [projects, runs, nodes, members] = await Promise.all([
    api.project.list({ organisation }),
    api.run.list({ organisation }),
    api.node.list({ organisation }),
    api.organisation.members({ organisation }),
  ]);
  return (
    <main>
      <h1>{name}</h1>
      <p>
        You are {role}. <a href={`/${organisation}/tokens`}>Tokens</a>
      </p>
      <h2>Projects</h2>
      <ul>
        {projects.items.map((project) => (
          <li key={project.slug}>
            {project.name} ({project.slug})
          </li>
        ))}
      </ul>
      <CreateProjectForm organisation={organisation} />
      <h2>Runs</h2>
      <RunTable runs={runs.items} />
      <h2>Nodes</h2>
      <ul>
        {nodes.items.map((node) => (
          <li key={node.id}>
            {node.name}: {node.state}, {node.usedCores} of {node.cores} cores
          </li>
        ))}
      </ul>
      <h2>Members</h2>
      <ul>
        {members.items.map((member) => (
          <li key={member.userId}>
            {member.name}, {member.email} ({member.role})
          </li>
        ))}
      </ul>
      <InviteForm organisation={organisation} />
    </main>
  );
}
