'use client';

export function SignOutButton() {
  async function signOut(): Promise<void> {
    await fetch('/api/auth/sign-out', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{}',
    }).catch(() => null);
    window.location.assign('/sign-in');
  }
  return (
    <button type="button" className="plain" onClick={signOut}>
      Sign out
    </button>
  );
}
