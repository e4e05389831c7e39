import type { DBAdapter, Where } from 'better-auth';
import { expect, it } from 'vitest';
import { withHashedSessions } from './hashed-sessions.js';

type Row = Record<string, unknown>;

/** Rows in memory; only what the tests use. */
function adapterOver(rows: Row[]): DBAdapter {
  const matching = (where: Where[] = []): Row[] =>
    rows.filter((row) => where.every(({ field, value }) => row[field] === value));
  return {
    id: 'rows',
    create: async ({ data }: { data: Row }) => {
      rows.push({ ...data });
      return { ...data };
    },
    findOne: async ({ where }: { where: Where[] }) => matching(where)[0] ?? null,
    update: async ({ where, update }: { where: Where[]; update: Row }) => {
      const [row] = matching(where);
      return row ? Object.assign(row, update) : null;
    },
    delete: async ({ where }: { where: Where[] }) => {
      for (const row of matching(where)) rows.splice(rows.indexOf(row), 1);
    },
  } as unknown as DBAdapter;
}

const byToken = (value: string): Where[] => [{ field: 'token', value, operator: 'eq', connector: 'AND' }];

it('keeps no session token, and finds sessions by theirs', async () => {
  const rows: Row[] = [];
  const adapter = withHashedSessions(adapterOver(rows));
  const token = 'a-token-of-a-session';
  expect(await adapter.create({ model: 'session', data: { token, userId: 'u' } })).toEqual({ token, userId: 'u' });
  expect(JSON.stringify(rows)).not.toContain(token);
  expect(await adapter.findOne({ model: 'session', where: byToken(token) })).toMatchObject({ token, userId: 'u' });
  expect(await adapter.findOne({ model: 'session', where: byToken(String(rows[0]?.token)) })).toBeNull();
  expect(await adapter.update({ model: 'session', where: byToken(token), update: { userId: 'v' } })).toMatchObject({
    token,
    userId: 'v',
  });
  await adapter.transaction(async (inner) => {
    expect(await inner.findOne({ model: 'session', where: byToken(token) })).toMatchObject({ token });
  });
  await adapter.delete({ model: 'session', where: byToken(token) });
  expect(rows).toEqual([]);
});

it('leaves other tables alone', async () => {
  const rows: Row[] = [];
  const adapter = withHashedSessions(adapterOver(rows));
  await adapter.create({ model: 'verification', data: { token: 'plain' } });
  expect(rows).toEqual([{ token: 'plain' }]);
});
