'use client';

import { formatTime } from '../../ui/format.js';
import { Scroll } from '../../ui/scroll.js';
import { useAlive } from '../../ui/use-alive.js';
import { trpc } from '../api/trpc-client.js';
import { useAction } from '../api/use-action.js';
import { deviceName } from './device-name.js';

export interface Session {
  readonly id: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly isCurrent: boolean;
}

/** Where one is signed in, and an end to it. Pages that are open there say within seconds that they are signed out. */
export function SessionList({ sessions }: { sessions: readonly Session[] }) {
  const isAlive = useAlive();
  const { isBusy, problem, act } = useAction();

  return (
    <section className="panel" aria-label="Sessions">
      <header>
        <h2 className="grow">Sessions</h2>
        {sessions.length < 2 ? null : (
          <button
            type="button"
            disabled={isBusy || !isAlive}
            onClick={() => act(trpc.account.revokeOtherSessions.mutate())}
          >
            End all others
          </button>
        )}
      </header>
      {problem === null ? null : (
        <p role="alert" className="problem body">
          {problem}
        </p>
      )}
      <Scroll>
        <table>
          <thead>
            <tr>
              <th>Device</th>
              <th>Address</th>
              <th>Signed in, UTC</th>
              <th>Ends, UTC</th>
              <th>
                <span className="hidden">Action</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {sessions.map(({ id, createdAt, expiresAt, address, userAgent, isCurrent }) => (
              <tr key={id}>
                <td title={userAgent ?? ''}>
                  {deviceName(userAgent)} {isCurrent ? <span className="tag">this one</span> : null}
                </td>
                <td className="mono">{address ?? '–'}</td>
                <td className="mono muted">{formatTime(createdAt)}</td>
                <td className="mono muted">{formatTime(expiresAt)}</td>
                <td>
                  {isCurrent ? null : (
                    <button
                      type="button"
                      className="small"
                      disabled={isBusy || !isAlive}
                      onClick={() => act(trpc.account.revokeSession.mutate({ sessionId: id }))}
                    >
                      End
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}
