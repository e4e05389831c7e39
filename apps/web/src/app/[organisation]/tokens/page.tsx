import { CreateTokenForm, RevokeTokenForm } from '../../../features/tokens/token-forms.js';
import { orNotFound, pageCaller } from '../../../server/page-caller.js';
import { Crumbs } from '../../../ui/crumbs.js';
import { formatTime } from '../../../ui/format.js';
import { Scroll } from '../../../ui/scroll.js';

export const metadata = { title: 'Tokens' };

export default async function TokensPage({ params }: { params: Promise<{ organisation: string }> }) {
  const { organisation } = await params;
  const { api } = await pageCaller(`/${organisation}/tokens`);
  const tokens = await orNotFound(api.token.list({ organisation, limit: 200 }));
  const timeOf = (time: Date | null): string => (time === null ? '–' : formatTime(time.toISOString()));
  return (
    <>
      <div>
        <Crumbs items={[{ text: organisation, href: `/${organisation}` }, { text: 'Tokens' }]} />
        <div className="head">
          <h1>Tokens</h1>
        </div>
      </div>
      <section className="panel" aria-label="New token">
        <header>
          <h2>New token</h2>
          <span className="muted small">
            For the REST interface and the command line. It can do what it says and you may do.
          </span>
        </header>
        <div className="body">
          <CreateTokenForm organisation={organisation} />
        </div>
      </section>
      <section className="panel" aria-label="Tokens">
        {tokens.items.length === 0 ? (
          <p className="empty">No token yet.</p>
        ) : (
          <Scroll>
            <table>
              <thead>
                <tr>
                  <th>Name</th>
                  <th>Begins with</th>
                  <th>Scopes</th>
                  <th>Created</th>
                  <th>Expires</th>
                  <th>Last used</th>
                  <th>State</th>
                </tr>
              </thead>
              <tbody>
                {tokens.items.map((token) => (
                  <tr key={token.id}>
                    <td>{token.name}</td>
                    <td className="mono">{token.hint}…</td>
                    <td className="mono">{token.scopes.join(' ')}</td>
                    <td className="muted">{timeOf(token.createdAt)}</td>
                    <td className="muted">{timeOf(token.expiresAt)}</td>
                    <td className="muted">{timeOf(token.lastUsedAt)}</td>
                    <td>
                      {token.revokedAt === null ? (
                        <RevokeTokenForm organisation={organisation} tokenId={token.id} />
                      ) : (
                        <span className="muted">revoked {timeOf(token.revokedAt)}</span>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        )}
      </section>
    </>
  );
}
