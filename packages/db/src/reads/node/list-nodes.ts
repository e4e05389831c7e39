import type { Isa, NodeRow, NodeUse } from '@lockstep/contracts';
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
    const grant = await authorise(db.prisma, context, organisationId, 'nodes:read');
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
      include: {
        pool: { select: { name: true } },
        allocations: {
          where: { endedAt: null },
          orderBy: [{ startedAt: 'asc' }, { rank: 'asc' }],
          select: {
            rank: true,
            cpus: true,
            run: { select: { id: true, name: true, projectId: true, project: { select: { slug: true } } } },
          },
        },
      },
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
        uses: usesOf(
          node.allocations.filter(({ run }) => grant.projectId === null || run.projectId === grant.projectId),
        ),
        memoryBytes: Number(node.memoryBytes),
        cpuModel: node.cpuModel,
        isas: node.isas as Isa[],
        numericClasses: node.nodeClasses as NodeRow['numericClasses'],
        state: stateOf(node, nowMs),
        isDraining: node.drainingSince !== null,
        lastSeenAt: node.lastSeenAt?.toISOString() ?? null,
        createdAt: node.createdAt.toISOString(),
      }),
    );
  });
}

interface Allocated {
  readonly rank: number;
  readonly cpus: readonly number[];
  readonly run: { readonly id: string; readonly name: string; readonly project: { readonly slug: string } };
}

/** Ranks of one run are one use. */
function usesOf(allocations: readonly Allocated[]): NodeUse[] {
  const uses = new Map<string, NodeUse>();
  for (const { rank, cpus, run } of allocations) {
    const { ranks = [], cores = 0 } = uses.get(run.id) ?? {};
    uses.set(run.id, {
      runId: run.id,
      name: run.name,
      project: run.project.slug,
      ranks: [...ranks, rank],
      cores: cores + cpus.length,
    });
  }
  return [...uses.values()];
}

function stateOf(
  node: { retiredAt: Date | null; drainingSince: Date | null; lastSeenAt: Date | null },
  nowMs: number,
): NodeRow['state'] {
  if (node.retiredAt !== null) return 'gone';
  if (!isReachable(node.lastSeenAt, nowMs)) return 'unreachable';
  return node.drainingSince === null ? 'ready' : 'draining';
}
