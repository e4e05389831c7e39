'use client';

import { useState } from 'react';

export function SignOutButton() {
  const [hasFailed, setFailed] = useState(false);
  async function signOut(): Promise<void> {
    const answer = await fetch('/api/auth/sign-out', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{}',
    }).catch(() => null);
    // Whoever is still signed in must not be shown the page of somebody who is not.
    if (answer?.ok || answer?.status === 401) window.location.assign('/sign-in');
    else setFailed(true);
  }
  return (
    <>
      <button type="button" className="plain" onClick={signOut}>
        Sign out
      </button>
      {hasFailed ? (
        <span role="alert" className="problem">
          You may still be signed in: the server did not say otherwise. Try again.
        </span>
      ) : null}
    </>
  );
}
