import { LockstepError, type PoolActivities } from '@lockstep/contracts';
import { type Context, type Db, drainNode, getPool, retireNode } from '@lockstep/db';
import { withFailures } from '../failure-of.js';
import { planPool } from './plan-pool.js';
import type { PoolProvider } from './pool-provider.js';

export interface PoolDependencies {
  db: Db;
  context: Context;
  /** By the name that a pool's row has. */
  providers: Readonly<Record<string, PoolProvider>>;
}

export function createPoolActivities({ db, context, providers }: PoolDependencies): PoolActivities {
  return withFailures<PoolActivities>({
    reconcilePool: async ({ poolId, desired }) => {
      const pool = await getPool(db, context, { poolId });
      const { organisationId, nodes } = pool;
      const provider = providers[pool.provider];
      if (!provider) {
        throw new LockstepError(
          'bad-input.field',
          `Expected a pool of ${Object.keys(providers).join(', ')}, got one of ${pool.provider}.`,
        );
      }
      const members = await provider.members(pool);
      const plan = planPool(members, nodes, desired);
      for (const nodeId of plan.retire) await retireNode(db, context, { organisationId, nodeId });
      for (const nodeId of plan.drain) await drainNode(db, context, { organisationId, nodeId });
      if (plan.stop.length > 0) await provider.stop(pool, plan.stop);
      if (plan.start > 0) await provider.start(pool, plan.start);
      const draining = plan.drain.length + nodes.filter((node) => node.draining).length;
      return { members: members.length, started: plan.start, draining, stopped: plan.stop.length };
    },
  });
}
