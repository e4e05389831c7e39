import { PrismaPg } from '@prisma/adapter-pg';
import { Pool, type PoolConfig, types } from 'pg';
import { PrismaClient } from '../generated/prisma/client.js';
import { createNotifier, type Notifier } from './notifier.js';

/** The database, as verbs and reads take it. */
export interface Db {
  /** @internal */
  readonly prisma: PrismaClient;
  /** @internal For rows of packed bytes and for LISTEN. */
  readonly pool: Pool;
  /** @internal */
  readonly notifier: Notifier;
  /** @internal */
  readonly url: string;
  /** Sends what is still to be told, then closes every connection. */
  close(): Promise<void>;
}

export interface OpenDbOptions {
  /** postgresql://user:password@host:port/database */
  readonly url: string;
  /** Connections at most. */
  readonly connections?: number;
}

/** Counts and steps stay below 2^53, so that bigint columns may be numbers. */
const numberTypes: PoolConfig['types'] = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === types.builtins.INT8 && format !== 'binary'
      ? Number
      : types.getTypeParser(oid, format as 'text')) as typeof types.getTypeParser,
};

/** Connects when it is first needed. */
export function openDb({ url, connections = 10 }: OpenDbOptions): Db {
  const config = { connectionString: url, max: connections, connectionTimeoutMillis: 10_000, keepAlive: true };
  const prismaPool = new Pool({ ...config, application_name: 'lockstep' });
  const pool = new Pool({ ...config, application_name: 'lockstep-telemetry', types: numberTypes });
  // An idle connection that breaks is replaced when the next one is needed; without a listener it would end the process.
  for (const each of [prismaPool, pool]) each.on('error', () => undefined);
  const prisma = new PrismaClient({ adapter: new PrismaPg(prismaPool, { disposeExternalPool: true }) });
  const notifier = createNotifier(pool);
  return {
    prisma,
    pool,
    notifier,
    url,
    async close() {
      await notifier.close();
      await prisma.$disconnect();
      await pool.end();
      if (!prismaPool.ended) await prismaPool.end();
    },
  };
}
