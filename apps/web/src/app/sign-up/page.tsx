import { AccountForm } from '../../features/accounts/account-form.js';

/** The secret of an invitation stands behind `#`, where it reaches no log; without script there is no form to need it. */
export default function SignUpPage() {
  return (
    <main>
      <h1>Sign up</h1>
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
      <p>
        <a href="/sign-in">Sign in</a>
      </p>
    </main>
  );
}
