'use client';

import type { NodeRow } from '@lockstep/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ConfirmButton } from '../../ui/confirm-button.js';
import { ShownOnce } from '../../ui/shown-once.js';
import { SkeletonRows } from '../../ui/skeleton-rows.js';
import { useAlive } from '../../ui/use-alive.js';
import { readAll } from '../api/read-all.js';
import { messageOf, trpc } from '../api/trpc-client.js';
import { useAction } from '../api/use-action.js';
import { nodesReads } from '../live/live-reads.js';
import { NodeTable } from './node-table.js';

export function NodesView({
  organisation,
  origin,
  mayManage,
}: {
  organisation: string;
  /** Address of this service. */
  origin: string;
  mayManage: boolean;
}) {
  const queryKey = ['nodes', organisation];
  const nodes = useQuery({
    queryKey,
    queryFn: () => readAll((part) => trpc.node.list.query({ organisation, ...part })),
    ...nodesReads(organisation),
  });
  const queries = useQueryClient();
  const isAlive = useAlive();
  const { isBusy, problem, act } = useAction();
  const change = (action: Promise<unknown>): Promise<void> =>
    act(action.then(() => queries.invalidateQueries({ queryKey })));
  const failure = problem ?? (nodes.error === null ? null : messageOf(nodes.error));

  const actionsOf = ({ id: nodeId, name, isDraining, uses }: NodeRow) => (
    <span className="row end nowrap">
      <button
        type="button"
        className="small"
        disabled={isBusy || !isAlive}
        title={isDraining ? 'New ranks come to it again' : 'Keeps new ranks away; those that it has go on'}
        onClick={() => change(trpc.node.drain.mutate({ organisation, nodeId, draining: !isDraining }))}
      >
        {isDraining ? 'Resume' : 'Drain'}
      </button>
      <ConfirmButton
        text="Retire"
        className="small danger"
        question={`Retire ${name}?`}
        confirm="Retire node"
        onConfirm={() => change(trpc.node.retire.mutate({ organisation, nodeId }))}
      >
        <p>
          Its credential is refused from now on, for good.{' '}
          {uses.length === 0 ? 'It has no ranks.' : 'The runs on it go on elsewhere, from their last checkpoint.'}
        </p>
      </ConfirmButton>
    </span>
  );

  return (
    <>
      {failure === null ? null : (
        <p role="alert" className="problem">
          {failure}
        </p>
      )}
      <section className="panel" aria-label="Nodes" aria-busy={nodes.isPending}>
        {nodes.data === undefined ? (
          <SkeletonRows of="nodes" />
        ) : (
          <NodeTable organisation={organisation} nodes={nodes.data} {...(mayManage ? { actions: actionsOf } : {})} />
        )}
      </section>
      <p className="muted small">
        Nodes of one numeric class compute the same bits. A run stays within one class, so that where it runs changes
        nothing in its weights.
      </p>
      {mayManage ? <AddNode organisation={organisation} origin={origin} /> : null}
    </>
  );
}

function AddNode({ organisation, origin }: { organisation: string; origin: string }) {
  const isAlive = useAlive();
  const { isBusy, problem, act } = useAction();
  const [secret, setSecret] = useState<string | null>(null);

  function send(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const form = event.currentTarget;
    const name = String(new FormData(form).get('name') ?? '');
    act(
      trpc.node.createCredential.mutate({ organisation, name }).then((made) => {
        setSecret(made.secret);
        form.reset();
      }),
    );
  }

  return (
    <section className="panel" aria-label="Add a node">
      <header>
        <h2>Add a node</h2>
      </header>
      <div className="body form">
        <p className="muted">
          A credential lets the agent of one machine join. The machine needs no open port to the outside: its agent
          calls this service.
        </p>
        <form method="post" className="inline-form" onSubmit={send}>
          <label className="field">
            <span>Name of the node</span>
            <input name="name" required maxLength={128} />
          </label>
          <button type="submit" disabled={isBusy || !isAlive}>
            Make credential
          </button>
        </form>
        {problem === null ? null : (
          <p role="alert" className="problem">
            {problem}
          </p>
        )}
        {secret === null ? null : (
          <div className="stack tight">
            <p role="status">Copy it now: it is shown this once.</p>
            <ShownOnce text={secret} />
            <p className="muted small">On that machine, in a copy of Lockstep that was built there:</p>
            <pre className="code wraps">{commandOf(secret, origin)}</pre>
          </div>
        )}
      </div>
    </section>
  );
}

function commandOf(secret: string, origin: string): string {
  return [
    `(umask 077 && echo ${secret} > node-credential)`,
    `LOCKSTEP_API_URL=${origin} \\`,
    '  LOCKSTEP_NODE_CREDENTIAL_FILE=node-credential LOCKSTEP_AGENT_DIR=agent \\',
    '  node apps/worker/dist/agent/main.js',
  ].join('\n');
}
