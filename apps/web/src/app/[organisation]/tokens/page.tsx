import { readAll } from '../../../features/api/read-all.js';
import { TokensView } from '../../../features/tokens/tokens-view.js';
import { container } from '../../../server/container.js';
import { orNotFound, pageCaller } from '../../../server/page-caller.js';
import { PageHead } from '../../../ui/page-head.js';

export const metadata = { title: 'Tokens' };

export default async function TokensPage({ params }: { params: Promise<{ organisation: string }> }) {
  const { organisation } = await params;
  const { api } = await pageCaller();
  const { role } = await orNotFound(api.organisation.get({ organisation }));
  const [tokens, projects] = await orNotFound(
    Promise.all([
      readAll((part) => api.token.list({ organisation, ...part })),
      readAll((part) => api.project.list({ organisation, ...part })),
    ]),
  );
  const textOf = (time: Date | null): string | null => time?.toISOString() ?? null;
  return (
    <>
      <PageHead crumbs={[{ text: organisation, href: `/${organisation}` }, { text: 'Tokens' }]} title="Tokens" />
      <TokensView
        organisation={organisation}
        mayMake={role !== 'viewer'}
        origin={container().settings.publicUrl}
        projects={projects}
        tokens={tokens.map(({ id, name, hint, owner, scopes, project, createdAt, ...times }) => ({
          id,
          name,
          hint,
          owner,
          scopes,
          project,
          createdAt: createdAt.toISOString(),
          expiresAt: textOf(times.expiresAt),
          lastUsedAt: textOf(times.lastUsedAt),
          revokedAt: textOf(times.revokedAt),
        }))}
      />
    </>
  );
}
