'use client';

import { useEffect, useState } from 'react';
import { useAlive } from '../../ui/use-alive.js';
import { messageOf, trpc } from '../api/trpc-client.js';

/** Joins an organisation by the link of an invitation, for somebody who is signed in. */
export function AcceptInvitation({ email }: { email: string }) {
  const isAlive = useAlive();
  const [secret, setSecret] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => setSecret(window.location.hash.slice(1)), []);

  async function accept(): Promise<void> {
    setBusy(true);
    try {
      const { slug } = await trpc.organisation.acceptInvitation.mutate({ secret: secret ?? '' });
      window.location.assign(`/${slug}`);
    } catch (error) {
      setProblem(messageOf(error));
      setBusy(false);
    }
  }

  return (
    <div className="form">
      <p>
        You are signed in as <b>{email}</b>.
      </p>
      {secret === '' ? (
        <p className="muted">
          This address has no invitation in it. Go to <a href="/">your organisations</a>, or sign out to make another
          account.
        </p>
      ) : (
        <button type="button" className="primary" disabled={isBusy || !isAlive} onClick={accept}>
          Accept the invitation
        </button>
      )}
      {problem === null ? null : (
        <p role="alert" className="problem">
          {problem}
        </p>
      )}
    </div>
  );
}
