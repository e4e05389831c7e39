'use client';

import type { NodeRow } from '@lockstep/contracts';
import { formatBytes } from '@lockstep/engine/graph';
import { formatAge, formatTime } from '../../ui/format.js';
import { StateMark } from '../../ui/run-state.js';
import { Scroll } from '../../ui/scroll.js';
import { useNow } from '../../ui/use-now.js';

export function NodeTable({ nodes }: { nodes: readonly NodeRow[] }) {
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
            <th className="num">Memory</th>
            <th>Processor</th>
            <th>Instruction sets</th>
            <th>Pool</th>
            <th>Heartbeat</th>
          </tr>
        </thead>
        <tbody>
          {nodes.map((node) => (
            <tr key={node.id}>
              <td>{node.name}</td>
              <td>
                <StateMark state={node.state} />
              </td>
              <td>
                <span className="progress">
                  <progress value={node.usedCores} max={Math.max(1, node.cores)} aria-label={`Use of ${node.name}`} />
                  <span className="mono muted">
                    {node.usedCores}/{node.cores}
                  </span>
                </span>
              </td>
              <td className="num">{formatBytes(node.memoryBytes)}</td>
              <td>{node.cpuModel}</td>
              <td className="mono">{node.isas.join(' ')}</td>
              <td className="muted">{node.pool ?? '–'}</td>
              <td className="muted">
                {node.lastSeenAt === null
                  ? 'never'
                  : nowMs === null
                    ? formatTime(node.lastSeenAt)
                    : formatAge(node.lastSeenAt, nowMs)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
