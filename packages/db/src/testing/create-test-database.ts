import { createHash, randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { listMigrations, migrate } from '../database/migrate.js';
import { type Db, openDb } from '../database/open-db.js';
import { testServerUrl } from './env.js';

export interface TestDatabase {
  readonly url: string;
  readonly db: Db;
  /** Closes the connections and drops the database. */
  close(): Promise<void>;
}

/** Held while the template is made. */
const templateLock = 72707370;

/** A database of its own for a suite, as fast as a copy: the migrations run once a server, into a template. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = testServerUrl();
  const name = `test_${randomBytes(8).toString('hex')}`;
  await onServer(server, async (client) => {
    const template = await ensureTemplate(client, server);
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  });
  const url = addressOf(server, name);
  const db = openDb({ url });
  return {
    url,
    db,
    async close() {
      await db.close();
      await onServer(server, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    },
  };
}

/** An empty database, without migrations. */
export async function createEmptyDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const server = testServerUrl();
  const name = `test_${randomBytes(8).toString('hex')}`;
  await onServer(server, (client) => client.query(`CREATE DATABASE ${name}`));
  return {
    url: addressOf(server, name),
    drop: () =>
      onServer(server, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)).then(() => undefined),
  };
}

/** Its name holds the migrations' hash, so that changed ones make another. */
async function ensureTemplate(client: Client, server: string): Promise<string> {
  const hash = createHash('sha256');
  for (const { name, checksum } of await listMigrations()) hash.update(`${name} ${checksum}\n`);
  const template = `template_${hash.digest('hex').slice(0, 16)}`;
  await client.query('SELECT pg_advisory_lock($1)', [templateLock]);
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [template]);
    if (rowCount === 1) return template;
    // Renamed when it is complete: a set-up that was killed leaves no half of a template.
    const building = `${template}_building`;
    await client.query(`DROP DATABASE IF EXISTS ${building} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${building}`);
    await migrate(addressOf(server, building));
    await client.query(`ALTER DATABASE ${building} RENAME TO ${template}`);
    return template;
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [templateLock]);
  }
}

async function onServer<Result>(url: string, action: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await action(client);
  } finally {
    await client.end();
  }
}

function addressOf(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}
