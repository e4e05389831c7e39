import type { Tx } from '../database/transaction.js';
import { unreachableAfterMs } from './reachable.js';

export interface NodeForPlacement {
  readonly nodeId: string;
  readonly reachable: boolean;
  readonly draining: boolean;
  readonly cpus: readonly number[];
  readonly freeCpus: readonly number[];
  readonly isas: readonly string[];
  readonly nodeClasses: Readonly<Record<string, string>>;
  readonly hasData: boolean;
  readonly nodeType: string;
  readonly pricePerHour: string | null;
}

/** Nodes of an organisation, locked, so that two placements never see the same CPU as free. */
export async function readCandidates(
  tx: Tx,
  organisationId: string,
  datasetVersion: string,
): Promise<NodeForPlacement[]> {
  // Placements of one organisation wait for each other: its limits are over all of its nodes.
  await tx.$queryRaw`SELECT id FROM organisation WHERE id = ${organisationId} FOR NO KEY UPDATE`;
  const nodes = await tx.$queryRaw<
    {
      id: string;
      reachable: boolean;
      draining: boolean;
      cpus: number[];
      isas: string[];
      node_classes: Record<string, string>;
      has_data: boolean;
      node_type: string;
      price_per_hour: string | null;
    }[]
  >`
    SELECT id, last_seen_at > now() - ${unreachableAfterMs} * interval '1 millisecond' AS reachable,
      draining_since IS NOT NULL AS draining, cpus, isas, node_classes, ${datasetVersion} = ANY(datasets) AS has_data,
      node_type, price_per_hour::text
    FROM node
    WHERE organisation_id = ${organisationId} AND retired_at IS NULL AND registered_at IS NOT NULL
    ORDER BY id FOR NO KEY UPDATE`;
  const used = await tx.$queryRaw<{ node_id: string; cpus: number[] }[]>`
    SELECT node_id, cpus FROM allocation WHERE ended_at IS NULL AND organisation_id = ${organisationId}`;
  const usedCpus = new Map<string, Set<number>>();
  for (const { node_id, cpus } of used) {
    const set = usedCpus.get(node_id) ?? new Set();
    for (const cpu of cpus) set.add(cpu);
    usedCpus.set(node_id, set);
  }
  return nodes.map((node) => ({
    nodeId: node.id,
    reachable: node.reachable,
    draining: node.draining,
    cpus: node.cpus,
    freeCpus: node.cpus.filter((cpu) => !usedCpus.get(node.id)?.has(cpu)),
    isas: node.isas,
    nodeClasses: node.node_classes,
    hasData: node.has_data,
    nodeType: node.node_type,
    pricePerHour: node.price_per_hour,
  }));
}
