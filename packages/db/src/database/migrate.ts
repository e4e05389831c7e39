import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { Client } from 'pg';
import { toLockstepError } from './database-error.js';

const folder = new URL('../../prisma/migrations/', import.meta.url);

/** As `prisma migrate` makes it. */
const historyTable = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    id                      VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum                VARCHAR(64) NOT NULL,
    finished_at             TIMESTAMPTZ,
    migration_name          VARCHAR(255) NOT NULL,
    logs                    TEXT,
    rolled_back_at          TIMESTAMPTZ,
    started_at              TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count     INTEGER NOT NULL DEFAULT 0
)`;

/** The lock that Prisma takes, so that the two never migrate at the same time. */
const prismaLock = 72707369;

interface Migration {
  name: string;
  sql: string;
  checksum: string;
}

/** The migrations of this package, oldest first. */
export async function listMigrations(): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return Promise.all(
    names.sort().map(async (name) => {
      const bytes = await readFile(new URL(`${name}/migration.sql`, folder));
      return { name, sql: bytes.toString('utf8'), checksum: createHash('sha256').update(bytes).digest('hex') };
    }),
  );
}

/**
 * Applies the migrations that a database does not have yet, each in a transaction, and fills `_prisma_migrations` as
 * `prisma migrate deploy` does, which may continue from here.
 *
 * @returns names of the migrations that were applied
 */
export async function migrate(url: string): Promise<string[]> {
  const client = new Client({ connectionString: url, application_name: 'lockstep-migrate' });
  try {
    await client.connect();
    await client.query('SELECT pg_advisory_lock($1)', [prismaLock]);
    await client.query(historyTable);
    const applied = await appliedMigrations(client);
    const names: string[] = [];
    for (const migration of await listMigrations()) {
      if (isApplied(migration, applied)) continue;
      await apply(client, migration);
      names.push(migration.name);
    }
    return names;
  } catch (error) {
    throw toLockstepError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function appliedMigrations(client: Client): Promise<Map<string, string>> {
  const { rows } = await client.query<{ migration_name: string; checksum: string; finished_at: Date | null }>(
    'SELECT migration_name, checksum, finished_at FROM "_prisma_migrations" WHERE rolled_back_at IS NULL',
  );
  const unfinished = rows.find(({ finished_at }) => finished_at === null);
  if (unfinished)
    throw new Error(
      `Migration ${unfinished.migration_name} was begun and did not finish; see its logs in _prisma_migrations.`,
    );
  return new Map(rows.map(({ migration_name, checksum }) => [migration_name, checksum]));
}

function isApplied({ name, checksum }: Migration, applied: ReadonlyMap<string, string>): boolean {
  const known = applied.get(name);
  if (known !== undefined && known !== checksum)
    throw new Error(`Migration ${name} was changed after it was applied: ${known} became ${checksum}.`);
  return known !== undefined;
}

async function apply(client: Client, { name, sql, checksum }: Migration): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(
      'INSERT INTO "_prisma_migrations" (id, checksum, logs, migration_name, started_at) VALUES ($1, $2, $3, $4, clock_timestamp())',
      [randomUUID(), checksum, null, name],
    );
    await client.query(sql);
    await client.query(
      'UPDATE "_prisma_migrations" SET finished_at = clock_timestamp(), applied_steps_count = 1 WHERE migration_name = $1 AND finished_at IS NULL',
      [name],
    );
    await client.query('COMMIT');
  } catch (cause) {
    await client.query('ROLLBACK');
    throw new Error(`Migration ${name} failed: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}
