import type { Isa, NodeRow } from '@lockstep/contracts';
import type { Context } from '../../access/actor.js';
import { authorise } from '../../access/authorise.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';
import { isReachable } from '../../placement/reachable.js';
import { type Page, type PageInput, pageOf, pageSize, requireCursor } from '../paging.js';

export interface ListNodesInput extends PageInput {
  readonly organisationId: string;
  /** Name of the pool. */
  readonly pool?: string;
  /** Retired ones too. */
  readonly retired?: boolean;
}

/** Nodes by the time they were made. */
export async function listNodes(
  db: Db,
  context: Context,
  { organisationId, pool, retired = false, cursor, limit }: ListNodesInput,
): Promise<Page<NodeRow>> {
  return reading(async () => {
    await authorise(db.prisma, context, organisationId, 'nodes:read');
    const size = pageSize(limit);
    const after = requireCursor(cursor, /^node_[0-9a-f-]{36}$/);
    const rows = await db.prisma.node.findMany({
      where: {
        organisationId,
        ...(retired ? {} : { retiredAt: null }),
        ...(pool === undefined ? {} : { pool: { name: pool } }),
        ...(after === undefined ? {} : { id: { gt: after } }),
      },
      orderBy: { id: 'asc' },
      take: size + 1,
      include: { pool: { select: { name: true } }, allocations: { where: { endedAt: null }, select: { cpus: true } } },
    });
    const nowMs = Date.now();
    return pageOf(
      rows,
      size,
      ({ id }) => id,
      (node) => ({
        id: node.id,
        name: node.name,
        pool: node.pool.name,
        cores: node.cpus.length,
        usedCores: node.allocations.reduce((sum, { cpus }) => sum + cpus.length, 0),
        memoryBytes: Number(node.memoryBytes),
        cpuModel: node.cpuModel,
        isas: node.isas as Isa[],
        state: stateOf(node, nowMs),
        lastSeenAt: node.lastSeenAt?.toISOString() ?? null,
        createdAt: node.createdAt.toISOString(),
      }),
    );
  });
}

function stateOf(
  node: { retiredAt: Date | null; drainingSince: Date | null; lastSeenAt: Date | null },
  nowMs: number,
): NodeRow['state'] {
  if (node.retiredAt !== null) return 'gone';
  if (!isReachable(node.lastSeenAt, nowMs)) return 'unreachable';
  return node.drainingSince === null ? 'ready' : 'draining';
}
