'use client';

import { useQuery } from '@tanstack/react-query';
import { ActionForm } from '../../ui/action-form.js';
import { messageOf, trpc } from '../api/trpc-client.js';
import { nodesReads } from '../live/live-reads.js';
import { NodeTable } from './node-table.js';

export function NodesView({ organisation, mayAdd }: { organisation: string; mayAdd: boolean }) {
  const nodes = useQuery({
    queryKey: ['nodes', organisation],
    queryFn: () => trpc.node.list.query({ organisation, limit: 200 }),
    ...nodesReads(organisation),
  });
  return (
    <>
      {nodes.error === null ? null : (
        <p role="alert" className="problem">
          {messageOf(nodes.error)}
        </p>
      )}
      <section className="panel" aria-label="Nodes" aria-busy={nodes.isPending}>
        {nodes.isPending ? <p className="empty">Reading nodes …</p> : <NodeTable nodes={nodes.data?.items ?? []} />}
      </section>
      {mayAdd ? (
        <section className="panel" aria-label="Add a node">
          <header>
            <h2>Add a node</h2>
          </header>
          <div className="body form">
            <p className="muted">
              A credential lets the agent of one machine join. Write it into a file on that machine and name the file in
              LOCKSTEP_NODE_CREDENTIAL_FILE.
            </p>
            <ActionForm
              submit="Make credential"
              action={({ name = '' }) =>
                trpc.node.createCredential
                  .mutate({ organisation, name })
                  .then(({ secret }) => `Copy it now, it is shown once: ${secret}`, messageOf)
              }
            >
              <label className="field">
                <span>Name of the node</span>
                <input name="name" required maxLength={128} />
              </label>
            </ActionForm>
          </div>
        </section>
      ) : null}
    </>
  );
}
