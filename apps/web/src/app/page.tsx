import { SignOutButton } from '../features/accounts/sign-out-button.js';
import { CreateOrganisationForm } from '../features/organisations/forms.js';
import { pageCaller } from '../server/page-caller.js';

export default async function HomePage() {
  const { api, user } = await pageCaller('/');
  const organisations = await api.organisation.list();
  return (
    <main>
      <p>
        {user.name} <SignOutButton />
      </p>
      <h1>Organisations</h1>
      <ul>
        {organisations.map(({ slug, name, role }) => (
          <li key={slug}>
            <a href={`/${slug}`}>{name}</a> ({role})
          </li>
        ))}
      </ul>
      <h2>New organisation</h2>
      <CreateOrganisationForm />
      <p>
        <a href="/docs/api">API</a>
      </p>
    </main>
  );
}
