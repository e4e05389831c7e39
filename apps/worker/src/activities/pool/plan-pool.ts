import type { PoolMember } from './pool-provider.js';

/** A node as the database knows it. */
export interface PoolNode {
  nodeId: string;
  providerId: string | null;
  reachable: boolean;
  draining: boolean;
  /** Ranks that it has. */
  ranks: number;
}

export interface PoolPlan {
  start: number;
  /** Nodes that get no new ranks from now on. */
  drain: string[];
  /** Members that nothing lives on any more. */
  stop: string[];
  /** Nodes whose member is gone. */
  retire: string[];
}

/**
 * One step of a pool towards its size, from what the provider reports and what the database knows. A node is drained
 * before its member goes; those with fewer ranks go first.
 */
export function planPool(members: readonly PoolMember[], nodes: readonly PoolNode[], desired: number): PoolPlan {
  const running = members.filter(({ state }) => state === 'running');
  const known = new Set(members.map(({ providerId }) => providerId));
  const nodeOf = new Map(nodes.flatMap((node) => (node.providerId === null ? [] : [[node.providerId, node] as const])));
  const retire = nodes.flatMap(({ nodeId, providerId }) =>
    providerId !== null && !known.has(providerId) ? [nodeId] : [],
  );
  const staying = running.filter(({ providerId }) => !nodeOf.get(providerId)?.draining);
  const leaving = running.filter(({ providerId }) => nodeOf.get(providerId)?.draining);
  const excess = Math.max(0, staying.length - desired);
  const chosen = [...staying]
    .sort((a, b) => (nodeOf.get(a.providerId)?.ranks ?? 0) - (nodeOf.get(b.providerId)?.ranks ?? 0))
    .slice(0, excess);
  const drain = chosen.flatMap(({ providerId }) => nodeOf.get(providerId)?.nodeId ?? []);
  // A member whose agent never registered has nothing to drain.
  const neverCame = chosen.filter(({ providerId }) => !nodeOf.has(providerId));
  const empty = leaving.filter(({ providerId }) => nodeOf.get(providerId)?.ranks === 0);
  return {
    start: Math.max(0, desired - staying.length),
    drain,
    stop: [...neverCame, ...empty].map(({ providerId }) => providerId),
    retire,
  };
}
