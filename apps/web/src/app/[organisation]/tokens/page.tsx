import { CreateTokenForm, RevokeTokenForm } from '../../../features/tokens/token-forms.js';
import { orNotFound, pageCaller } from '../../../server/page-caller.js';

export default async function TokensPage({ params }: { params: Promise<{ organisation: string }> }) {
  const { organisation } = await params;
  const { api } = await pageCaller(`/${organisation}/tokens`);
  const tokens = await orNotFound(api.token.list({ organisation }));
  return (
    <main>
      <h1>Tokens</h1>
      <p>
        <a href={`/${organisation}`}>{organisation}</a>
      </p>
      <CreateTokenForm organisation={organisation} />
      <ul>
        {tokens.items.map((token) => (
          <li key={token.id}>
            {token.name} {token.hint}… {token.scopes.join(' ')}{' '}
            {token.revokedAt === null ? (
              <RevokeTokenForm organisation={organisation} tokenId={token.id} />
            ) : (
              `revoked ${token.revokedAt.toISOString()}`
            )}
          </li>
        ))}
      </ul>
    </main>
  );
}
