import { PasswordForm } from '../../features/accounts/password-form.js';
import { SessionList } from '../../features/accounts/session-list.js';
import { SignOutButton } from '../../features/accounts/sign-out-button.js';
import { pageCaller } from '../../server/page-caller.js';
import { Brand } from '../../ui/brand.js';
import { ThemeToggle } from '../../ui/theme-toggle.js';

export const metadata = { title: 'Account' };

/** One's own account, which belongs to no organisation. */
export default async function AccountPage() {
  const { api, user } = await pageCaller();
  const [sessions, organisations] = await Promise.all([api.account.sessions(), api.organisation.list()]);
  return (
    <main className="page stack">
      <div className="head">
        <a href="/" className="brand grow">
          <Brand />
        </a>
        <ThemeToggle />
        <SignOutButton />
      </div>
      <h1>Account</h1>
      <section className="panel" aria-label="You">
        <header>
          <h2>You</h2>
        </header>
        <dl className="body pairs">
          <dt>Name</dt>
          <dd>{user.name}</dd>
          <dt>E-mail</dt>
          <dd>{user.email}</dd>
          <dt>Organisations</dt>
          <dd>
            {organisations.length === 0
              ? 'None yet.'
              : organisations.map(({ slug, name, role }, index) => (
                  <span key={slug}>
                    {index === 0 ? '' : ', '}
                    <a href={`/${slug}`}>{name}</a> ({role})
                  </span>
                ))}
          </dd>
        </dl>
      </section>
      <section className="panel" aria-label="Change password">
        <header>
          <h2>Change password</h2>
        </header>
        <div className="body">
          <PasswordForm />
        </div>
      </section>
      <SessionList
        sessions={sessions.map(({ id, createdAt, expiresAt, address, userAgent, current }) => ({
          id,
          createdAt: createdAt.toISOString(),
          expiresAt: expiresAt.toISOString(),
          address,
          userAgent,
          isCurrent: current,
        }))}
      />
    </main>
  );
}
