import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appendBatch, compactMetrics, formGeneration, metricSeries, metricsSince, placeRun } from '../src/index.js';
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
const batches = 1500;
const pointsOfBatch = 3;
const seriesOfBatch = 2;

beforeAll(async () => {
  database = await createTestDatabase();
  const { db } = database;
  organisation = await makeOrganisation(db);
  await makeNode(db, organisation.organisationId);
  runId = await makeRun(db, organisation);
  await placeRun(db, system, { runId });
  await formGeneration(db, system, { runId, generation: 1 });
  for (let sequence = 0; sequence < batches; sequence++) await append(sequence);
});
afterAll(() => database?.close());

function append(sequence: number) {
  const steps = Array.from({ length: pointsOfBatch }, (_, index) => sequence * pointsOfBatch + index + 1);
  const points = Array.from({ length: seriesOfBatch }, (_, series) => ({
    name: `train/metric-${series}`,
    steps,
    values: steps.map((step) => (step === 777 ? ('NaN' as const) : Math.sin(step) + series)),
  }));
  return appendBatch(database.db, system, { runId, generation: 1, source: 'rank-0', sequence, points });
}

function chart(range: { since?: number; until?: number; maxPoints?: number } = {}) {
  const { organisationId, owner } = organisation;
  return metricSeries(database.db, owner.context, { organisationId, runId, ...range });
}

/** What a reader sees who begins at this cursor and takes so many batches at a time. */
async function replay(since: number, limit: number) {
  const { organisationId, owner } = organisation;
  const all = [];
  for (let cursor = since; ; ) {
    const page = await metricsSince(database.db, owner.context, { organisationId, runId, since: cursor, limit });
    if (page.length === 0) return all;
    all.push(...page);
    cursor = page.at(-1)?.cursor ?? cursor;
  }
}

async function chunks(): Promise<number> {
  const { rows } = await database.db.pool.query('SELECT count(*) AS count FROM metric_chunk');
  return rows[0].count;
}

describe('compactMetrics', () => {
  it('joins small chunks, and changes nothing that a reader sees, wherever they begin', async () => {
    const before = {
      chart: await chart(),
      third: await chart({ since: 1001, until: 2002 }),
      all: await replay(0, 200),
    };
    expect(before.all).toHaveLength(batches);
    const middle = before.all[700]?.cursor ?? 0;
    expect(await chunks()).toBe(batches * seriesOfBatch);
    // Two control workers at the same time.
    const joined = await Promise.all([compactMetrics(database.db, system), compactMetrics(database.db, system)]);
    expect(await chunks()).toBe(batches * seriesOfBatch - joined.reduce((sum, each) => sum + each.joined, 0));
    expect(await chunks()).toBeLessThan(700 * seriesOfBatch);
    expect(await chart()).toEqual(before.chart);
    expect(await chart({ since: 1001, until: 2002 })).toEqual(before.third);
    expect(await replay(0, 200)).toEqual(before.all);
    expect(await replay(0, 7)).toEqual(before.all);
    expect(await replay(middle, 100)).toEqual(before.all.slice(701));
  });

  it('does nothing again until there is more', async () => {
    const present = await chunks();
    expect(await compactMetrics(database.db, system)).toEqual({ joined: 0 });
    expect(await chunks()).toBe(present);
  });

  it('goes on with batches that come meanwhile, and keeps that a batch counts once', async () => {
    for (let sequence = batches; sequence < batches + 600; sequence++) await append(sequence);
    expect(await append(3)).toMatchObject({ accepted: false });
    const before = await replay(0, 200);
    await compactMetrics(database.db, system);
    expect(await replay(0, 200)).toEqual(before);
    expect(before).toHaveLength(batches + 600);
  });

  it('joins the rest when the run is over', async () => {
    const before = { chart: await chart({ maxPoints: 10_000 }), all: await replay(0, 200) };
    await database.db.pool.query(
      `UPDATE run SET state = 'completed', ended_at = now() - interval '2 minutes' WHERE id = $1`,
      [runId],
    );
    await append(batches + 600);
    await compactMetrics(database.db, system);
    expect(await chunks()).toBeLessThanOrEqual(5 * seriesOfBatch);
    expect((await replay(0, 200)).slice(0, before.all.length)).toEqual(before.all);
    const { series } = await chart({ maxPoints: 10_000, until: (batches + 600) * pointsOfBatch });
    expect(series).toEqual(before.chart.series);
  });

  it('leaves the summary as it is where a later attempt cuts off what was joined', async () => {
    const { db } = database;
    await db.pool.query(`UPDATE run SET state = 'training', ended_at = NULL WHERE id = $1`, [runId]);
    await formGeneration(db, system, { runId, generation: 2 });
    expect(await replay(0, 200)).toEqual([]);
    expect(await db.prisma.runMetricSummary.count({ where: { runId } })).toBe(0);
  });
});
