import type { PoolClient } from 'pg';
import type { PrismaClient } from '../generated/prisma/client.js';
import { isWorthRetrying, toLockstepError } from './database-error.js';
import type { Db } from './open-db.js';

/** A transaction, for verbs. */
export type Tx = Parameters<Parameters<PrismaClient['$transaction']>[0]>[0];

const attempts = 4;

/**
 * Runs a verb's writes as one transaction, again if it and another one stood in each other's way: `action` must have no
 * effect outside of it. Runs, and organisations whose nodes changed, are told to listeners after the commit.
 */
export async function inTransaction<Result>(
  db: Db,
  action: (
    tx: Tx,
    changed: (runId: string, cursor: number) => void,
    nodesChanged: (organisationId: string) => void,
  ) => Promise<Result>,
): Promise<Result> {
  return retrying(async () => {
    const changes = new Map<string, number>();
    const organisations = new Set<string>();
    const result = await db.prisma.$transaction(
      (tx) =>
        action(
          tx,
          (runId, cursor) => changes.set(runId, cursor),
          (organisationId) => organisations.add(organisationId),
        ),
      { maxWait: 10_000, timeout: 60_000 },
    );
    for (const [runId, cursor] of changes) db.notifier.runChanged(runId, cursor);
    for (const organisationId of organisations) db.notifier.nodesChanged(organisationId);
    return result;
  });
}

/** The same over a bare connection, for rows of packed bytes. */
export async function inPgTransaction<Result>(
  db: Db,
  action: (client: PoolClient) => Promise<Result>,
): Promise<Result> {
  return retrying(async () => {
    const client = await db.pool.connect();
    let failed: Error | undefined;
    try {
      await client.query('BEGIN');
      const result = await action(client);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch((cause) => {
        failed = cause as Error;
      });
      throw error;
    } finally {
      client.release(failed);
    }
  });
}

/** One query or several, for reads. */
export async function reading<Result>(action: () => Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    throw toLockstepError(error);
  }
}

async function retrying<Result>(action: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action();
    } catch (error) {
      if (attempt >= attempts || !isWorthRetrying(error)) throw toLockstepError(error);
    }
  }
}
