import { AccountForm } from '../../features/accounts/account-form.js';
import { SignPage } from '../../ui/sign-page.js';

export const metadata = { title: 'Sign up' };

/** The secret of an invitation stands behind `#`, where it reaches no log; without script there is no form to need it. */
export default function SignUpPage() {
  return (
    <SignPage title="Sign up">
      <AccountForm
        action="/api/sign-up"
        fields={[
          { name: 'name', label: 'Name', type: 'text', autoComplete: 'name' },
          { name: 'email', label: 'E-mail', type: 'email', autoComplete: 'username' },
          { name: 'password', label: 'Password', type: 'password', autoComplete: 'new-password', minLength: 10 },
        ]}
        fragmentField="invitation"
        submit="Sign up"
        next="/"
      />
      <p className="muted">
        An account already? <a href="/sign-in">Sign in</a>
      </p>
    </SignPage>
  );
}
