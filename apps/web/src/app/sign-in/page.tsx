import { AccountForm } from '../../features/accounts/account-form.js';
import { ownPath } from '../../features/accounts/own-path.js';

export default async function SignInPage({ searchParams }: { searchParams: Promise<{ next?: string }> }) {
  return (
    <main>
      <h1>Sign in</h1>
      <AccountForm
        action="/api/auth/sign-in/email"
        fields={[
          { name: 'email', label: 'E-mail', type: 'email', autoComplete: 'username' },
          { name: 'password', label: 'Password', type: 'password', autoComplete: 'current-password' },
        ]}
        submit="Sign in"
        next={ownPath((await searchParams).next)}
      />
      <p>
        <a href="/sign-up">Sign up</a>
      </p>
    </main>
  );
}
