'use client';

import { useState } from 'react';
import { ConfirmButton } from '../../ui/confirm-button.js';
import { Scroll } from '../../ui/scroll.js';
import { ShownOnce } from '../../ui/shown-once.js';
import { useAlive } from '../../ui/use-alive.js';
import { trpc } from '../api/trpc-client.js';
import { useAction } from '../api/use-action.js';

const roles = ['viewer', 'member', 'admin', 'owner'] as const;
export type Role = (typeof roles)[number];

export interface Member {
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
}

/** Who belongs to an organisation. Those who may manage members change roles, make links for new passwords, and remove. */
export function MemberList({
  organisation,
  members,
  ownRole,
  ownUserId,
}: {
  organisation: string;
  members: readonly Member[];
  ownRole: Role;
  ownUserId: string;
}) {
  const isAlive = useAlive();
  const { isBusy, problem, act } = useAction();
  const [link, setLink] = useState<{ name: string; url: string } | null>(null);
  const manages = ownRole === 'owner' || ownRole === 'admin';
  // Only owners make or unmake owners.
  const mayChange = (member: Member): boolean => manages && (ownRole === 'owner' || member.role !== 'owner');

  return (
    <section className="panel" aria-label="Members">
      {problem === null ? null : (
        <p role="alert" className="problem body">
          {problem}
        </p>
      )}
      {link === null ? null : (
        <div role="status" className="body stack">
          <p>Send this link to {link.name}. It sets a new password, once, within 24 hours, and is shown once.</p>
          <ShownOnce text={link.url} />
        </div>
      )}
      <Scroll>
        <table>
          <thead>
            <tr>
              <th>Name</th>
              <th>E-mail</th>
              <th>Role</th>
              {manages ? (
                <th>
                  <span className="hidden">Actions</span>
                </th>
              ) : null}
            </tr>
          </thead>
          <tbody>
            {members.map((member) => {
              const { userId, name, email, role } = member;
              const isOwn = userId === ownUserId;
              return (
                <tr key={userId}>
                  <td>
                    {name} {isOwn ? <span className="tag">you</span> : null}
                  </td>
                  <td>{email}</td>
                  <td>
                    {mayChange(member) ? (
                      <select
                        aria-label={`Role of ${name}`}
                        value={role}
                        disabled={isBusy || !isAlive}
                        onChange={(event) =>
                          act(
                            trpc.organisation.setMemberRole.mutate({
                              organisation,
                              userId,
                              role: event.target.value as Role,
                            }),
                          )
                        }
                      >
                        {roles
                          .filter((each) => ownRole === 'owner' || each !== 'owner')
                          .map((each) => (
                            <option key={each}>{each}</option>
                          ))}
                      </select>
                    ) : (
                      role
                    )}
                  </td>
                  {manages ? (
                    <td>
                      {mayChange(member) ? (
                        <span className="row end">
                          {isOwn ? null : (
                            <button
                              type="button"
                              className="small"
                              disabled={isBusy || !isAlive}
                              onClick={() =>
                                act(
                                  trpc.organisation.createPasswordReset
                                    .mutate({ organisation, userId })
                                    .then(({ url }) => setLink({ name, url })),
                                )
                              }
                            >
                              Password link
                            </button>
                          )}
                          <ConfirmButton
                            text={isOwn ? 'Leave' : 'Remove'}
                            question={isOwn ? 'Leave this organisation?' : `Remove ${name}?`}
                            confirm={isOwn ? 'Leave' : 'Remove'}
                            className="small danger"
                            isDisabled={isBusy}
                            onConfirm={() =>
                              act(trpc.organisation.setMemberRole.mutate({ organisation, userId, role: null }))
                            }
                          >
                            {isOwn ? 'You' : name} will see nothing of it any more, and tokens stop working at once.
                            Runs stay.
                          </ConfirmButton>
                        </span>
                      ) : null}
                    </td>
                  ) : null}
                </tr>
              );
            })}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

export interface Invitation {
  readonly id: string;
  readonly email: string;
  readonly role: Role;
  /** ISO 8601. */
  readonly expiresAt: string;
}

/** Invitations that can still be accepted. */
export function InvitationList({
  organisation,
  invitations,
}: {
  organisation: string;
  invitations: readonly Invitation[];
}) {
  const isAlive = useAlive();
  const { isBusy, problem, act } = useAction();

  return (
    <>
      {problem === null ? null : (
        <p role="alert" className="problem">
          {problem}
        </p>
      )}
      <Scroll>
        <table>
          <thead>
            <tr>
              <th>Invited</th>
              <th>Role</th>
              <th>Good until, UTC</th>
              <th>
                <span className="hidden">Action</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {invitations.map(({ id, email, role, expiresAt }) => (
              <tr key={id}>
                <td>{email}</td>
                <td>{role}</td>
                <td className="mono muted">{expiresAt.slice(0, 16).replace('T', ' ')}</td>
                <td>
                  <button
                    type="button"
                    className="small"
                    disabled={isBusy || !isAlive}
                    onClick={() => act(trpc.organisation.revokeInvitation.mutate({ organisation, invitationId: id }))}
                  >
                    Revoke
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </>
  );
}

/** What each role may do. */
export function RoleTable() {
  return (
    <details className="panel fold">
      <summary>What each role may do</summary>
      <dl className="body pairs">
        <dt>viewer</dt>
        <dd>sees runs, data and nodes</dd>
        <dt>member</dt>
        <dd>also launches, changes and cancels runs, makes projects and tokens</dd>
        <dt>admin</dt>
        <dd>also manages members and nodes, and reads the audit log</dd>
        <dt>owner</dt>
        <dd>also sets limits, and makes and unmakes owners; there is always one</dd>
      </dl>
    </details>
  );
}
