'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { formatTime } from '../../ui/format.js';
import { useNow } from '../../ui/use-now.js';
import { type LiveState, liveClient } from './live-client.js';
import { LiveReads, readAt } from './live-reads.js';

const before: LiveState = { phase: 'connecting' };

interface Viewer {
  readonly organisation: string;
  readonly userId: string;
}

type Seen = 'connecting' | 'open' | 'lost' | 'signed-out' | 'somebody-else' | 'removed';

/** The browser's stream as this page has it: it may be of another person by now, or without this organisation. */
function useSeen({ organisation, userId }: Viewer): Seen {
  const state = useSyncExternalStore(
    (listener) => liveClient().onState(listener),
    () => liveClient().state,
    () => before,
  );
  if (state.phase !== 'open') return state.phase;
  if (state.user !== userId) return 'somebody-else';
  return state.organisations.includes(organisation) ? 'open' : 'removed';
}

/** A few words about how fresh the page is. */
export function LiveStatus(viewer: Viewer) {
  const queries = useQueryClient();
  const seen = useSeen(viewer);
  const nowMs = useNow();
  useEffect(() => new LiveReads(queries).follow(liveClient()), [queries]);
  const at = nowMs === null ? 0 : readAt(queries);
  return (
    <p className="muted small live" data-live={seen} role="status">
      {seen === 'open'
        ? 'Live'
        : seen === 'connecting'
          ? 'Connecting …'
          : seen === 'lost'
            ? `Reconnecting … ${at === 0 ? '' : `shown as of ${formatTime(new Date(at).toISOString()).slice(11)} UTC`}`
            : seen === 'removed'
              ? 'No access'
              : 'Signed out'}
    </p>
  );
}

/** What to do when this page will not become live again by itself; what it shows stays. */
export function LiveNotice({ organisationName, ...viewer }: Viewer & { organisationName: string }) {
  const seen = useSeen(viewer);
  if (seen !== 'signed-out' && seen !== 'removed' && seen !== 'somebody-else') return null;
  return (
    <section className="panel bad" role="alert" aria-label="Not live">
      <p className="body">
        {seen === 'removed' ? (
          <>
            You are no longer a member of {organisationName}. What is shown is what was known.{' '}
            <a href="/">Your organisations</a>
          </>
        ) : (
          <>
            {seen === 'signed-out' ? 'You are signed out.' : 'Somebody else signed in with this browser.'} What is shown
            is what was known. <SignInLink />
          </>
        )}
      </p>
    </section>
  );
}

function SignInLink() {
  const { pathname, search } = window.location;
  return <a href={`/sign-in?next=${encodeURIComponent(pathname + search)}`}>Sign in</a>;
}
