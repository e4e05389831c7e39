'use client';

import { type FormEvent, useEffect, useState } from 'react';
import { useAlive } from '../../ui/use-alive.js';
import { messageOf, trpc } from '../api/trpc-client.js';

const leastLength = 10;

/** Sets a password by the link that an admin of one's organisation made. */
export function ResetPasswordForm() {
  const isAlive = useAlive();
  const [secret, setSecret] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [isDone, setDone] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => setSecret(window.location.hash.slice(1)), []);

  async function send(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const newPassword = String(new FormData(event.currentTarget).get('password'));
    setBusy(true);
    const failed = await trpc.account.resetPassword
      .mutate({ secret: secret ?? '', newPassword })
      .then(() => null, messageOf);
    setBusy(false);
    setProblem(failed);
    setDone(failed === null);
  }

  if (isDone) {
    return (
      <div className="form">
        <p role="status">
          Your new password is set, and the link is used up. Everybody who was signed in as you is out.
        </p>
        <a className="button primary" href="/sign-in">
          Sign in
        </a>
      </div>
    );
  }
  if (secret === '') {
    return (
      <p role="alert" className="problem">
        This address has no link in it. Open the whole link that you were sent, or ask an admin of your organisation for
        one: they make it on the page “Members”.
      </p>
    );
  }
  return (
    <form method="post" onSubmit={send} className="form">
      <label className="field">
        <span>New password</span>
        <input name="password" type="password" autoComplete="new-password" minLength={leastLength} required />
        <small className="muted">At least {leastLength} characters.</small>
      </label>
      <button type="submit" className="primary" disabled={isBusy || !isAlive}>
        Set password
      </button>
      {problem === null ? null : (
        <p role="alert" className="problem">
          {problem} Ask an admin of your organisation for another link.
        </p>
      )}
    </form>
  );
}
