import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listenRuns, migrate, openDb, ping, type RunNotification, takeRateLimit, updateRun } from '../src/index.js';
import {
  createEmptyDatabase,
  createTestDatabase,
  makeOrganisation,
  makeRun,
  type TestDatabase,
} from '../src/testing/index.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database?.close());

async function rowsOf(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

describe('migrate', () => {
  it('fills _prisma_migrations as Prisma does, and applies each migration once, whoever comes at the same time', async () => {
    const { url, drop } = await createEmptyDatabase();
    try {
      const applied = await Promise.all([migrate(url), migrate(url), migrate(url)]);
      const folder = new URL('../prisma/migrations/', import.meta.url);
      const names = readdirSync(folder)
        .filter((name) => !name.endsWith('.toml'))
        .sort();
      expect(applied.flat().sort()).toEqual(names);
      expect(await migrate(url)).toEqual([]);
      const rows = await rowsOf(url, 'SELECT * FROM _prisma_migrations ORDER BY migration_name');
      expect(rows).toEqual(
        names.map((name) => ({
          id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
          checksum: createHash('sha256')
            .update(readFileSync(new URL(`${name}/migration.sql`, folder)))
            .digest('hex'),
          finished_at: expect.any(Date),
          migration_name: name,
          logs: null,
          rolled_back_at: null,
          started_at: expect.any(Date),
          applied_steps_count: 1,
        })),
      );
      for (const { started_at, finished_at } of rows)
        expect((finished_at as Date).getTime()).toBeGreaterThanOrEqual((started_at as Date).getTime());
      const columns = await rowsOf(
        url,
        `SELECT column_name, udt_name, character_maximum_length AS length, is_nullable, column_default
         FROM information_schema.columns WHERE table_name = '_prisma_migrations' ORDER BY ordinal_position`,
      );
      expect(columns.map((column) => Object.values(column).join(' '))).toEqual([
        'id varchar 36 NO ',
        'checksum varchar 64 NO ',
        'finished_at timestamptz  YES ',
        'migration_name varchar 255 NO ',
        'logs text  YES ',
        'rolled_back_at timestamptz  YES ',
        'started_at timestamptz  NO now()',
        'applied_steps_count int4  NO 0',
      ]);
    } finally {
      await drop();
    }
  });

  it('refuses a database whose applied migration was changed since', async () => {
    const { url, drop } = await createEmptyDatabase();
    try {
      await migrate(url);
      await rowsOf(url, "UPDATE _prisma_migrations SET checksum = 'x'");
      await expect(migrate(url)).rejects.toThrow(/was changed after it was applied/);
    } finally {
      await drop();
    }
  });
});

describe('a database that is not there', () => {
  it('is an error that says so', async () => {
    const db = openDb({ url: 'postgresql://nobody:nothing@127.0.0.1:1/none' });
    await expect(ping(db)).rejects.toMatchObject({ code: 'infrastructure.database' });
    await expect(makeOrganisation(db)).rejects.toThrow();
    await expect(
      updateRun(
        db,
        { actor: { kind: 'user', userId: 'x' }, requestId: null, address: null },
        { organisationId: 'x', runId: 'x' },
      ),
    ).rejects.toMatchObject({ code: 'infrastructure.database' });
    await db.close();
  });
});

describe('listenRuns', () => {
  it('tells of changes after they can be read, few for many, and of lost connections', async () => {
    const { db, url } = database;
    const organisation = await makeOrganisation(db);
    const runId = await makeRun(db, organisation);
    const heard: RunNotification[] = [];
    let wake = (): void => undefined;
    const listener = await listenRuns(db, (notification) => {
      heard.push(notification);
      wake();
    });
    const until = async (condition: () => boolean): Promise<void> => {
      while (!condition())
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    };
    const cursorOf = async () => Number((await db.prisma.runProgress.findUniqueOrThrow({ where: { runId } })).cursor);
    for (let index = 0; index < 30; index++)
      await updateRun(db, organisation.owner.context, {
        organisationId: organisation.organisationId,
        runId,
        name: `n${index}`,
      });
    const last = await cursorOf();
    await until(() => heard.some((each) => each.kind === 'changed' && each.runId === runId && each.cursor === last));
    expect(heard.length).toBeLessThan(30);
    await rowsOf(
      url,
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lockstep-listen' AND datname = current_database()",
    );
    await until(() => heard.some(({ kind }) => kind === 'reconnected'));
    await updateRun(db, organisation.owner.context, {
      organisationId: organisation.organisationId,
      runId,
      name: 'again',
    });
    const next = await cursorOf();
    await until(() => heard.some((each) => each.kind === 'changed' && each.cursor === next));
    await listener.close();
  });
});

describe('takeRateLimit', () => {
  it('allows a burst, then no more, over all connections', async () => {
    const limit = { key: 'burst', burst: 5, perSecond: 0.001 };
    const results = await Promise.all(Array.from({ length: 12 }, () => takeRateLimit(database.db, limit)));
    expect(results.filter(({ allowed }) => allowed)).toHaveLength(5);
    const refused = results.filter(({ allowed }) => !allowed);
    for (const { retryAfterSeconds, remaining } of refused) {
      expect(retryAfterSeconds).toBeGreaterThan(900);
      expect(retryAfterSeconds).toBeLessThanOrEqual(1000);
      expect(remaining).toBe(0);
    }
    expect(await takeRateLimit(database.db, { ...limit, key: 'other' })).toMatchObject({
      allowed: true,
      remaining: 4,
      limit: 5,
    });
  });

  it('gives back with time', async () => {
    const limit = { key: 'refill', burst: 2, perSecond: 1 };
    for (const allowed of [true, true, false])
      expect(await takeRateLimit(database.db, limit)).toMatchObject({ allowed });
    await database.db.pool.query(
      "UPDATE rate_limit SET busy_until = busy_until - interval '1.5 seconds' WHERE key = 'refill'",
    );
    for (const allowed of [true, false]) expect(await takeRateLimit(database.db, limit)).toMatchObject({ allowed });
  });
});
