'use client';

import type { NodeRow } from '@lockstep/contracts';
import { formatBytes } from '@lockstep/engine/graph';
import type { ReactNode } from 'react';
import { formatAge, formatTime } from '../../ui/format.js';
import { StateMark } from '../../ui/run-state.js';
import { Scroll } from '../../ui/scroll.js';
import { useNow } from '../../ui/use-now.js';

/** @param actions what can be done with a node, as a last column */
export function NodeTable({
  organisation,
  nodes,
  actions,
}: {
  organisation: string;
  nodes: readonly NodeRow[];
  actions?: (node: NodeRow) => ReactNode;
}) {
  const nowMs = useNow();
  if (nodes.length === 0) return <p className="empty">No node yet. Runs wait until there is one.</p>;
  return (
    <Scroll>
      <table>
        <thead>
          <tr>
            <th>Node</th>
            <th>State</th>
            <th>Cores in use</th>
            <th>By</th>
            <th className="num">Memory</th>
            <th>Processor</th>
            <th>Numeric class</th>
            <th>Pool</th>
            <th>Heartbeat</th>
            {actions === undefined ? null : (
              <th>
                <span className="hidden">Actions</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {nodes.map((node) => (
            <tr key={node.id}>
              <td>{node.name}</td>
              <td>
                {node.lastSeenAt === null && node.state === 'unreachable' ? (
                  <span className="muted">not joined yet</span>
                ) : (
                  <StateMark state={node.state} />
                )}
              </td>
              <td>
                <span className="progress">
                  <progress value={node.usedCores} max={Math.max(1, node.cores)} aria-label={`Use of ${node.name}`} />
                  <span className="mono muted">
                    {node.usedCores}/{node.cores}
                  </span>
                </span>
              </td>
              <td>
                <Uses organisation={organisation} node={node} />
              </td>
              <td className="num">{node.memoryBytes === 0 ? '–' : formatBytes(node.memoryBytes)}</td>
              <td>{node.cpuModel}</td>
              <td className="mono">
                {node.isas.map((isa) => (
                  <div key={isa} title={node.numericClasses[isa] ?? 'not known yet'}>
                    {isa} <span className="muted">{node.numericClasses[isa]?.slice(0, 8) ?? '–'}</span>
                  </div>
                ))}
              </td>
              <td className="muted">{node.pool ?? '–'}</td>
              <td className="muted">
                {node.lastSeenAt === null
                  ? 'never'
                  : nowMs === null
                    ? formatTime(node.lastSeenAt)
                    : formatAge(node.lastSeenAt, nowMs)}
              </td>
              {actions === undefined ? null : <td>{actions(node)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Uses({ organisation, node: { uses, usedCores } }: { organisation: string; node: NodeRow }) {
  if (usedCores === 0) return <span className="muted">–</span>;
  return uses.map(({ runId, name, project, ranks, cores }) => (
    <div key={runId} className="nowrap">
      <a href={`/${organisation}/${project}/runs/${runId}`}>{name}</a>{' '}
      <span className="muted small">
        {cores} {cores === 1 ? 'core' : 'cores'}, {ranks.length === 1 ? 'rank' : 'ranks'} {ranks.join(', ')}
      </span>
    </div>
  ));
}
