import { AcceptInvitation } from '../../features/accounts/accept-invitation.js';
import { AccountForm } from '../../features/accounts/account-form.js';
import { frameCaller } from '../../server/page-caller.js';
import { SignPage } from '../../ui/sign-page.js';

export const metadata = { title: 'Sign up' };

/** The secret of an invitation stands behind `#`, where it reaches no log; without script there is no form to need it. */
export default async function SignUpPage() {
  const caller = await frameCaller();
  if (caller !== null) {
    return (
      <SignPage title="Invitation">
        <AcceptInvitation email={caller.user.email} />
      </SignPage>
    );
  }
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
        An account already? <a href="/sign-in">Sign in</a>, then open the link of your invitation again.
      </p>
    </SignPage>
  );
}
