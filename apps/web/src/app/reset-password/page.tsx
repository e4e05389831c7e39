import { ResetPasswordForm } from '../../features/accounts/reset-password-form.js';
import { SignPage } from '../../ui/sign-page.js';

export const metadata = { title: 'New password' };

/** The secret of the link stands behind `#`, where it reaches no log. */
export default function ResetPasswordPage() {
  return (
    <SignPage title="New password">
      <ResetPasswordForm />
      <p className="muted">
        Remembered it? <a href="/sign-in">Sign in</a>
      </p>
    </SignPage>
  );
}
