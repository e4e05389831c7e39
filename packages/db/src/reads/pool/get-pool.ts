import type { Context } from '../../access/actor.js';
import { requireSystem } from '../../access/authorise.js';
import { notFound } from '../../access/refusals.js';
import type { Db } from '../../database/open-db.js';
import { reading } from '../../database/transaction.js';
import { isReachable } from '../../placement/reachable.js';

export interface PoolDetail {
  readonly poolId: string;
  readonly organisationId: string;
  readonly name: string;
  readonly provider: string;
  readonly settings: unknown;
  readonly minimumNodes: number;
  readonly maximumNodes: number;
  readonly desiredNodes: number;
  /** All that are not retired. */
  readonly nodes: readonly {
    readonly nodeId: string;
    readonly name: string;
    readonly providerId: string | null;
    readonly reachable: boolean;
    readonly draining: boolean;
    /** Ranks that it has. */
    readonly ranks: number;
  }[];
}

/** A pool with its nodes, for whoever keeps it at its size. */
export async function getPool(db: Db, context: Context, { poolId }: { poolId: string }): Promise<PoolDetail> {
  requireSystem(context);
  return reading(async () => {
    const pool = await db.prisma.pool.findUnique({
      where: { id: poolId },
      include: {
        nodes: {
          where: { retiredAt: null },
          orderBy: { id: 'asc' },
          include: { _count: { select: { allocations: { where: { endedAt: null } } } } },
        },
      },
    });
    if (pool === null) throw notFound('pool');
    const { id, nodes, createdAt: _, ...rest } = pool;
    const nowMs = Date.now();
    return {
      poolId: id,
      ...rest,
      nodes: nodes.map((node) => ({
        nodeId: node.id,
        name: node.name,
        providerId: node.providerId,
        reachable: isReachable(node.lastSeenAt, nowMs),
        draining: node.drainingSince !== null,
        ranks: node._count.allocations,
      })),
    };
  });
}
