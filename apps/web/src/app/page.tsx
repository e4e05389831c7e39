import { SignOutButton } from '../features/accounts/sign-out-button.js';
import { CreateOrganisationForm } from '../features/organisations/forms.js';
import { pageCaller } from '../server/page-caller.js';
import { Brand } from '../ui/brand.js';

export const metadata = { title: 'Organisations' };

export default async function HomePage() {
  const { api, user } = await pageCaller();
  const organisations = await api.organisation.list();
  return (
    <main className="page stack">
      <div className="head">
        <p className="brand grow">
          <Brand />
        </p>
        <a href="/account">{user.name}</a>
        <SignOutButton />
      </div>
      <h1>{organisations.length === 0 ? 'Name your organisation' : 'Organisations'}</h1>
      {organisations.length === 0 ? (
        <p className="muted">
          Projects, runs, nodes and people live in an organisation. Its address cannot be changed.
        </p>
      ) : (
        <ul className="panel scroll">
          {organisations.map(({ slug, name, role }) => (
            <li key={slug}>
              <a href={`/${slug}`} className="row list-row">
                <b className="grow">{name}</b>
                <span className="mono muted">/{slug}</span>
                <span className="tag">{role}</span>
              </a>
            </li>
          ))}
        </ul>
      )}
      <section className="panel">
        <header>
          <h2>New organisation</h2>
        </header>
        <div className="body">
          <CreateOrganisationForm />
        </div>
      </section>
      <p className="muted">
        <a href="/docs/api">API reference</a>
      </p>
    </main>
  );
}
