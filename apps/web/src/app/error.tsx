'use client';

import { SignPage } from '../ui/sign-page.js';

/** What a page shows that could not be made. The server's log has the reason under the same number. */
export default function ErrorPage({ error }: { error: Error & { digest?: string } }) {
  return (
    <SignPage title="This page could not be made">
      <div className="stack">
        <p role="alert">
          Something went wrong here, not with what you asked for. Runs are not touched by it: they go on by themselves.
        </p>
        <p className="row">
          <button type="button" className="primary" onClick={() => window.location.reload()}>
            Try again
          </button>
          <a className="button" href="/">
            Your organisations
          </a>
        </p>
        {error.digest === undefined ? null : (
          <p className="muted small">
            If it stays, give your administrator this number of the server’s log:{' '}
            <code className="break">{error.digest}</code>
          </p>
        )}
      </div>
    </SignPage>
  );
}
