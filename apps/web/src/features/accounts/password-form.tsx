'use client';

import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { useAlive } from '../../ui/use-alive.js';
import { messageOf, trpc } from '../api/trpc-client.js';

const leastLength = 10;

/** A new password for the person who is signed in. Their other sessions end with it. */
export function PasswordForm() {
  const router = useRouter();
  const isAlive = useAlive();
  const [isBusy, setBusy] = useState(false);
  const [told, setTold] = useState<{ text: string; isProblem: boolean } | null>(null);

  async function send(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const newPassword = String(fields.get('new'));
    if (newPassword !== String(fields.get('again'))) {
      setTold({ text: 'The new password was not typed the same twice. Type both again.', isProblem: true });
      return;
    }
    setBusy(true);
    const problem = await trpc.account.changePassword
      .mutate({ currentPassword: String(fields.get('current')), newPassword })
      .then(() => null, messageOf);
    setBusy(false);
    if (problem !== null) {
      setTold({ text: problem, isProblem: true });
      return;
    }
    form.reset();
    setTold({ text: 'Changed. All other sessions of yours have ended.', isProblem: false });
    router.refresh();
  }

  return (
    <form method="post" onSubmit={send} className="form">
      <label className="field">
        <span>Current password</span>
        <input name="current" type="password" autoComplete="current-password" required />
      </label>
      <label className="field">
        <span>New password</span>
        <input name="new" type="password" autoComplete="new-password" minLength={leastLength} required />
        <small className="muted">At least {leastLength} characters.</small>
      </label>
      <label className="field">
        <span>New password again</span>
        <input name="again" type="password" autoComplete="new-password" minLength={leastLength} required />
      </label>
      <button type="submit" className="primary" disabled={isBusy || !isAlive}>
        Change password
      </button>
      {told === null ? null : (
        <p role={told.isProblem ? 'alert' : 'status'} className={told.isProblem ? 'problem' : ''}>
          {told.text}
        </p>
      )}
    </form>
  );
}
