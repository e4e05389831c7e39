'use client';

import { type TokenScope, tokenScopes } from '@lockstep/contracts';
import { type FormEvent, useState } from 'react';
import { ConfirmButton } from '../../ui/confirm-button.js';
import { CopyButton } from '../../ui/copy-button.js';
import { formatAge, formatTime } from '../../ui/format.js';
import { Scroll } from '../../ui/scroll.js';
import { ShownOnce } from '../../ui/shown-once.js';
import { useAlive } from '../../ui/use-alive.js';
import { useNow } from '../../ui/use-now.js';
import { trpc } from '../api/trpc-client.js';
import { useAction } from '../api/use-action.js';

const dayMs = 24 * 3600 * 1000;

const meanings: Readonly<Record<TokenScope, string>> = {
  'runs:read': 'See runs, metrics and nodes, download checkpoints',
  'runs:write': 'Launch, change, cancel and delete runs',
  'projects:write': 'Make projects',
  'datasets:write': 'Add datasets',
};
const usual: readonly TokenScope[] = ['runs:read', 'runs:write'];

const lives = [
  { days: 7, text: '7 days' },
  { days: 30, text: '30 days' },
  { days: 90, text: '90 days' },
  { days: 365, text: 'a year' },
];

/** A token as the page gets it. */
export interface Token {
  readonly id: string;
  readonly name: string;
  readonly hint: string;
  readonly owner: string;
  readonly scopes: readonly string[];
  readonly project: string | null;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
}

export function TokensView({
  organisation,
  mayMake,
  origin,
  projects,
  tokens,
}: {
  organisation: string;
  mayMake: boolean;
  /** Address of this service. */
  origin: string;
  projects: readonly { readonly slug: string; readonly name: string }[];
  tokens: readonly Token[];
}) {
  const [secret, setSecret] = useState<string | null>(null);
  return (
    <>
      {secret === null ? null : <NewSecret secret={secret} origin={origin} onDone={() => setSecret(null)} />}
      {mayMake ? (
        <section className="panel" aria-label="New token">
          <header>
            <h2>New token</h2>
            <span className="muted small">It can do what is ticked, and never more than you.</span>
          </header>
          <div className="body">
            <CreateToken organisation={organisation} projects={projects} onMade={setSecret} />
          </div>
        </section>
      ) : (
        <section className="panel" aria-label="Why there is nothing to make">
          <p className="body">You are a viewer here, and viewers make no tokens. An admin can change your role.</p>
        </section>
      )}
      <section className="panel" aria-label="Tokens">
        <header>
          <h2>Tokens</h2>
        </header>
        {tokens.length === 0 ? (
          <p className="empty">
            No token yet. With one, the REST interface and the command line do what this page does.
          </p>
        ) : (
          <TokenTable organisation={organisation} tokens={tokens} />
        )}
      </section>
    </>
  );
}

function CreateToken({
  organisation,
  projects,
  onMade,
}: {
  organisation: string;
  projects: readonly { readonly slug: string; readonly name: string }[];
  onMade: (secret: string) => void;
}) {
  const isAlive = useAlive();
  const { isBusy, problem, act } = useAction();

  function send(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const project = String(fields.get('project') ?? '');
    act(
      trpc.token.create
        .mutate({
          organisation,
          name: String(fields.get('name') ?? ''),
          scopes: tokenScopes.filter((scope) => fields.get(scope) === 'on'),
          ...(project === '' ? {} : { project }),
          expiresAt: new Date(Date.now() + Number(fields.get('days')) * dayMs),
        })
        .then((made) => {
          onMade(made.secret);
          form.reset();
        }),
    );
  }

  return (
    <form method="post" className="form" onSubmit={send}>
      <div className="fields">
        <label className="field">
          <span>Name</span>
          <input name="name" required maxLength={64} placeholder="What it is for" />
        </label>
        <label className="field">
          <span>Project</span>
          <select name="project" defaultValue="">
            <option value="">All projects</option>
            {projects.map(({ slug, name }) => (
              <option key={slug} value={slug}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          <span>Expires after</span>
          <select name="days" defaultValue="30">
            {lives.map(({ days, text }) => (
              <option key={days} value={days}>
                {text}
              </option>
            ))}
          </select>
        </label>
      </div>
      <fieldset className="stack tight">
        <legend className="muted small">It may</legend>
        {tokenScopes.map((scope) => (
          <label key={scope} className="check">
            <input type="checkbox" name={scope} defaultChecked={usual.includes(scope)} />
            <span>{meanings[scope]}</span> <code className="muted">{scope}</code>
          </label>
        ))}
      </fieldset>
      {problem === null ? null : (
        <p role="alert" className="problem">
          {problem}
        </p>
      )}
      <p>
        <button type="submit" className="primary" disabled={isBusy || !isAlive}>
          Create token
        </button>
      </p>
    </form>
  );
}

/** What is shown once, and how it is used. */
function NewSecret({ secret, origin, onDone }: { secret: string; origin: string; onDone: () => void }) {
  const uses = [
    { title: 'Command line', text: `echo ${secret} | lockstep login --url ${origin}` },
    { title: 'REST', text: `curl -H 'Authorization: Bearer ${secret}' ${origin}/api/v1/me` },
  ];
  return (
    <section className="panel" aria-label="Your new token">
      <header>
        <h2 className="grow">Your new token</h2>
        <button type="button" onClick={onDone}>
          Done
        </button>
      </header>
      <div className="body stack">
        <p role="status">Copy it now: it is shown this once.</p>
        <ShownOnce text={secret} />
        {uses.map(({ title, text }) => (
          <div key={title} className="stack tight">
            <p className="row">
              <span className="muted small grow">{title}</span>
              <CopyButton text={text} label="Copy command" />
            </p>
            <pre className="code wraps">{text}</pre>
          </div>
        ))}
      </div>
    </section>
  );
}

function TokenTable({ organisation, tokens }: { organisation: string; tokens: readonly Token[] }) {
  const nowMs = useNow();
  const { problem, act } = useAction();
  const hasOwners = new Set(tokens.map(({ owner }) => owner)).size > 1;
  const ageOf = (time: string | null, none: string): string =>
    time === null ? none : nowMs === null ? formatTime(time) : formatAge(time, nowMs);
  return (
    <>
      {problem === null ? null : (
        <p role="alert" className="problem body">
          {problem}
        </p>
      )}
      <Scroll>
        <table>
          <thead>
            <tr>
              <th>Name</th>
              <th>State</th>
              {hasOwners ? <th>Of</th> : null}
              <th>Begins with</th>
              <th>May</th>
              <th>Project</th>
              <th>Created</th>
              <th>Expires</th>
              <th>Last used</th>
              <th>
                <span className="hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {tokens.map((token) => {
              const isExpired = token.expiresAt !== null && nowMs !== null && Date.parse(token.expiresAt) <= nowMs;
              return (
                <tr key={token.id} className={token.revokedAt !== null || isExpired ? 'muted' : ''}>
                  <td>{token.name}</td>
                  <td>
                    {token.revokedAt !== null ? (
                      <span title={formatTime(token.revokedAt)}>revoked {ageOf(token.revokedAt, '')}</span>
                    ) : isExpired ? (
                      'expired'
                    ) : (
                      'valid'
                    )}
                  </td>
                  {hasOwners ? <td>{token.owner}</td> : null}
                  <td className="mono">{token.hint}…</td>
                  <td className="mono">{token.scopes.join(' ')}</td>
                  <td>{token.project ?? 'all'}</td>
                  <td title={formatTime(token.createdAt)}>{ageOf(token.createdAt, '')}</td>
                  <td>{token.expiresAt === null ? 'never' : `${formatTime(token.expiresAt).slice(0, 16)} UTC`}</td>
                  <td title={token.lastUsedAt === null ? '' : formatTime(token.lastUsedAt)}>
                    {ageOf(token.lastUsedAt, 'never')}
                  </td>
                  <td>
                    {token.revokedAt !== null || isExpired ? null : (
                      <ConfirmButton
                        text="Revoke"
                        className="small danger"
                        question={`Revoke ${token.name}?`}
                        confirm="Revoke token"
                        onConfirm={() => act(trpc.token.revoke.mutate({ organisation, tokenId: token.id }))}
                      >
                        <p>What uses it is refused from now on. This cannot be undone.</p>
                      </ConfirmButton>
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </Scroll>
    </>
  );
}
