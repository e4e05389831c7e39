import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { appendBatch, formGeneration, logsPage, logsTail, placeRun } from '../src/index.js';
import {
  createTestDatabase,
  makeNode,
  makeOrganisation,
  makeRun,
  system,
  type TestDatabase,
  type TestOrganisation,
} from '../src/testing/index.js';

let database: TestDatabase;
let organisation: TestOrganisation;
let runId: string;
const texts: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  const { db } = database;
  organisation = await makeOrganisation(db);
  await makeNode(db, organisation.organisationId);
  runId = await makeRun(db, organisation);
  await placeRun(db, system, { runId });
  await formGeneration(db, system, { runId, generation: 1 });
  for (let sequence = 0; sequence < 40; sequence++) await write(sequence, 1 + ((sequence * 5) % 7));
});
afterAll(() => database?.close());

async function write(sequence: number, count: number): Promise<void> {
  const lines = Array.from({ length: count }, (_, index) => `line ${texts.length + index}`);
  texts.push(...lines);
  const logs = lines.map((text) => ({ time: '2026-11-25T08:00:00.000Z', level: 'info' as const, text }));
  await appendBatch(database.db, system, { runId, generation: 1, source: 'rank-0', sequence, logs });
}

function page(part: { cursor?: string; limit?: number; until?: number }) {
  const { organisationId, owner } = organisation;
  return logsPage(database.db, owner.context, { organisationId, runId, ...part });
}

function tail(last: number) {
  const { organisationId, owner } = organisation;
  return logsTail(database.db, owner.context, { organisationId, runId, last });
}

/** How many chunks of lines the database sent meanwhile. */
async function chunksReadBy(read: () => Promise<unknown>): Promise<number> {
  const { pool } = database.db;
  const query = vi.spyOn(pool, 'query');
  try {
    await read();
    const results = (await Promise.all(query.mock.results.map(({ value }) => value))) as { rows: object[] }[];
    return results.flatMap(({ rows }) => rows).filter((row) => 'lines' in row).length;
  } finally {
    query.mockRestore();
  }
}

describe('logsPage', () => {
  it.each([1, 3, 7, 200])('gives every line once, %i at a time', async (limit) => {
    const found: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const read: Awaited<ReturnType<typeof logsPage>> = await page({ limit, ...(cursor === '' ? {} : { cursor }) });
      expect(read.items.length).toBeLessThanOrEqual(limit);
      found.push(...read.items.map(({ text }) => text));
      cursor = read.nextCursor;
    }
    expect(found).toEqual(texts);
  });

  it('ends with the batch it is told to end with', async () => {
    const all = (await page({ limit: 1000 })).items;
    const batchOf = (cursor: string) => Number.parseInt(cursor, 10);
    const until = batchOf(all[60]?.cursor ?? '');
    const { items, nextCursor } = await page({ limit: 1000, until });
    expect(items).toEqual(all.filter(({ cursor }) => batchOf(cursor) <= until));
    expect(nextCursor).toBeNull();
  });

  it('reads no more batches than its lines are of, and one to tell whether it goes on', async () => {
    const chunks = await chunksReadBy(() => page({ limit: 20 }));
    expect(chunks).toBeGreaterThanOrEqual(4);
    expect(chunks).toBeLessThanOrEqual(8);
  });
});

describe('logsTail', () => {
  it.each([1, 2, 5, 50, 5000])('gives the last %i lines, and how many there are', async (last) => {
    const { items, total, cursor } = await tail(last);
    expect(items.map(({ text }) => text)).toEqual(texts.slice(-last));
    expect(total).toBe(texts.length);
    // As a page would give them, so that what comes later joins.
    const all = (await page({ limit: 1000 })).items;
    expect(items).toEqual(all.slice(-last));
    expect(cursor).toBeGreaterThanOrEqual(Number.parseInt(all.at(-1)?.cursor ?? '', 10));
  });

  it('reads no more batches than its lines are of', async () => {
    const chunks = await chunksReadBy(() => tail(20));
    expect(chunks).toBeGreaterThanOrEqual(4);
    expect(chunks).toBeLessThanOrEqual(7);
  });

  it('is empty where nothing was written', async () => {
    const { organisationId, owner } = organisation;
    const silent = await makeRun(database.db, organisation);
    const { items, total } = await logsTail(database.db, owner.context, { organisationId, runId: silent, last: 10 });
    expect([items, total]).toEqual([[], 0]);
  });
});
