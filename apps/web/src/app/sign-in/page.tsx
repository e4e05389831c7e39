import { AccountForm } from '../../features/accounts/account-form.js';
import { ownPath } from '../../features/accounts/own-path.js';
import { SignPage } from '../../ui/sign-page.js';

export const metadata = { title: 'Sign in' };

export default async function SignInPage({ searchParams }: { searchParams: Promise<{ next?: string }> }) {
  return (
    <SignPage title="Sign in">
      <AccountForm
        action="/api/auth/sign-in/email"
        fields={[
          { name: 'email', label: 'E-mail', type: 'email', autoComplete: 'username' },
          { name: 'password', label: 'Password', type: 'password', autoComplete: 'current-password' },
        ]}
        submit="Sign in"
        next={ownPath((await searchParams).next)}
      />
      <p className="muted">
        No account yet? <a href="/sign-up">Sign up</a>
      </p>
      <details className="muted">
        <summary>Forgot your password?</summary>
        <p>An admin of your organisation makes you a link on the page “Members”. This service sends no mail.</p>
      </details>
    </SignPage>
  );
}
