import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  appendBatch,
  deletedRuns,
  deleteRun,
  formGeneration,
  metricSeries,
  placeRun,
  purgeRun,
  runClock,
} from '../src/index.js';
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

/** Numbers that look like noise, the same every time; a few stand out. */
function valueAt(step: number): number {
  if (step === 123_456) return 1e6;
  if (step === 77_777) return -1e6;
  const noise = Math.sin(step * 12.9898) * 43_758.5453;
  return noise - Math.floor(noise);
}

const total = 200_000;

/** Steps from a cut-off checkpoint on were computed twice, with other values the first time. */
const origin = 150_000;

beforeAll(async () => {
  database = await createTestDatabase();
  const { db } = database;
  organisation = await makeOrganisation(db);
  await makeNode(db, organisation.organisationId);
  runId = await makeRun(db, organisation);
  await placeRun(db, system, { runId });
  await formGeneration(db, system, { runId, generation: 1 });
  await fill(1, 1, 170_000, (step) => (step > origin ? 5e6 : valueAt(step)));
  await checkpointAt(organisation, runId, origin);
  await formGeneration(db, system, { runId, generation: 2 });
  await fill(2, origin + 1, total, valueAt);
});
afterAll(() => database?.close());

/** As formGeneration finds it. */
async function checkpointAt(
  { organisationId, projectId }: TestOrganisation,
  ofRun: string,
  step: number,
): Promise<void> {
  const { prisma } = database.db;
  const id = `${ofRun}-${step}`;
  await prisma.artifactVersion.create({
    data: { id, organisationId, projectId, runId: ofRun, kind: 'checkpoint', name: id, version: 1, digest: 'x' },
  });
  const digests = { weightsDigest: 'x', stateDigest: 'x' };
  await prisma.checkpoint.create({
    data: {
      id,
      organisationId,
      runId: ofRun,
      generation: 1,
      sequence: 0,
      step,
      epoch: 0,
      best: false,
      artifactVersionId: id,
      ...digests,
    },
  });
}

async function fill(generation: number, first: number, last: number, value: (step: number) => number): Promise<void> {
  let sequence = 0;
  for (let from = first; from <= last; sequence++) {
    const count = Math.min(1 + ((sequence * 977) % 9000), last - from + 1);
    const steps = Array.from({ length: count }, (_, index) => from + index);
    const points = [{ name: 'train/loss', steps, values: steps.map(value) }];
    const step = from + count - 1;
    // A millisecond a step, on two cores.
    const trainingSeconds = (step - first + 1) / 1000;
    const coreSeconds = 2 * trainingSeconds;
    const progress = { step, epoch: 0, samples: step, trainingSeconds, coreSeconds, samplesPerSecond: null };
    await appendBatch(database.db, system, { runId, generation, source: 'rank-0', sequence, points, progress });
    from += count;
  }
}

function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value));
}

function read(range: { since?: number; until?: number; maxPoints?: number }) {
  const { organisationId, owner } = organisation;
  return metricSeries(database.db, owner.context, { organisationId, runId, names: ['train/loss'], ...range });
}

describe('metricSeries', () => {
  it.each([
    [1, total],
    [1, 160_000],
    [100_000, 190_001],
    [70_000, 70_100],
    [77_777, 77_777],
    [123_457, 149_999],
    [149_990, 150_010],
    [3, 45_678],
  ])('from step %i to %i has every point once and every extreme, in about 2,000 buckets', async (since, until) => {
    const { series } = await read({ since, until });
    const [only] = series;
    if (only === undefined) throw new Error('no series');
    const expected = Array.from({ length: until - since + 1 }, (_, index) => valueAt(since + index));
    expect(only.pointCount).toBe(expected.length);
    expect(only.steps.length).toBeLessThanOrEqual(2000);
    expect(only.steps.length).toBeGreaterThanOrEqual(Math.min(expected.length, 900));
    expect(only.steps.at(-1)).toBe(until);
    expect(Math.max(...only.max.map(Number))).toBe(largest(expected));
    expect(Math.min(...only.min.map(Number))).toBe(-largest(expected.map((value) => -value)));
    expect([...only.steps].sort((a, b) => a - b)).toEqual(only.steps);
  });

  it('says nothing of values that are not finite where there are none', async () => {
    const { series } = await read({ maxPoints: 500 });
    expect(series[0]).not.toHaveProperty('nonFinite');
  });

  it('reads few rows of a long series', async () => {
    const { pool } = database.db;
    const { rows } = await pool.query<{ buckets: number }>(
      'SELECT sum(buckets)::int AS buckets FROM metric_tier JOIN metric_series ON id = series_id WHERE run_id = $1 AND level = 2',
      [runId],
    );
    expect(rows[0]?.buckets).toBeLessThan(4000);
  });

  it('counts the time that was lost in the time of later steps', async () => {
    const { organisationId } = organisation;
    const { steps, trainingSeconds, coreSeconds } = await runClock(database.db, organisation.owner.context, {
      organisationId,
      runId,
    });
    expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
    expect(steps.at(-1)).toBe(total);
    for (const [index, step] of steps.entries()) {
      const lost = step > origin ? 170_000 - origin : 0;
      expect(trainingSeconds[index]).toBeCloseTo((step + lost) / 1000, 6);
      expect(coreSeconds[index]).toBeCloseTo((2 * (step + lost)) / 1000, 6);
    }
  });

  it('leaves superseded points out of the summary', async () => {
    const { prisma } = database.db;
    const row = await prisma.runMetricSummary.findFirstOrThrow({ where: { runId } });
    expect(row).toMatchObject({
      points: BigInt(total),
      max: 1e6,
      maxStep: 123_456n,
      min: -1e6,
      minStep: 77_777n,
      lastStep: BigInt(total),
    });
  });
});

describe('purgeRun', () => {
  it('frees all rows of a deleted run and no others', async () => {
    const { db } = database;
    const { organisationId, owner } = organisation;
    const other = await makeRun(db, organisation);
    await db.prisma.run.update({ where: { id: runId }, data: { state: 'completed', endedAt: new Date() } });
    expect(await purgeRun(db, system, { runId })).toBe(false);
    await deleteRun(db, owner.context, { organisationId, runId });
    expect(await deletedRuns(db, system)).toEqual([runId]);
    expect(await purgeRun(db, system, { runId })).toBe(true);
    for (const table of [
      'metric_chunk',
      'metric_tier',
      'metric_tail',
      'metric_series',
      'metric_batch',
      'run_metric_summary',
    ]) {
      const { rows } = await db.pool.query(`SELECT count(*) AS count FROM ${table}`);
      expect([table, rows[0].count]).toEqual([table, 0]);
    }
    expect(await db.prisma.run.findMany({ select: { id: true } })).toEqual([{ id: other }]);
  });
});

describe('a validation that was repeated after a loss', () => {
  it.each(['before', 'after'])(
    'counts once, where the lost ranks delivered theirs %s their successors',
    async (order) => {
      const { db } = database;
      const other = await makeOrganisation(db);
      await makeNode(db, other.organisationId);
      const repeated = await makeRun(db, other);
      await placeRun(db, system, { runId: repeated });
      await formGeneration(db, system, { runId: repeated, generation: 1 });
      const send = (generation: number) =>
        appendBatch(db, system, {
          runId: repeated,
          generation,
          source: 'rank-0',
          sequence: 0,
          points: [
            { name: 'val/loss', steps: [50, 100].slice(generation - 1), values: [0.5, 0.25].slice(generation - 1) },
            { name: 'train/loss', steps: [100 + generation], values: [0.125] },
          ],
        });
      if (order === 'before') await send(1);
      await checkpointAt(other, repeated, 100);
      await formGeneration(db, system, { runId: repeated, generation: 2 });
      await send(2);
      if (order === 'after') await send(1);
      const { organisationId, owner } = other;
      const { series } = await metricSeries(db, owner.context, { organisationId, runId: repeated });
      expect(series.map(({ name, steps }) => [name, steps])).toEqual([
        ['train/loss', [102]],
        ['val/loss', [50, 100]],
      ]);
    },
  );
});

describe('values that are not finite', () => {
  it.each([10, 100, 4000])('are told in %i points with their places and counts', async (maxPoints) => {
    const { db } = database;
    const other = await makeOrganisation(db);
    await makeNode(db, other.organisationId);
    const broken = await makeRun(db, other);
    await placeRun(db, system, { runId: broken });
    await formGeneration(db, system, { runId: broken, generation: 1 });
    const wrong = new Map<number, 'NaN' | 'Infinity'>([
      [17, 'NaN'],
      [18, 'Infinity'],
      [1500, 'NaN'],
    ]);
    const steps = Array.from({ length: 3000 }, (_, index) => index + 1);
    const points = [
      { name: 'train/loss', steps, values: steps.map((step) => wrong.get(step) ?? 1 / step) },
      { name: 'train/accuracy', steps: [1, 2], values: ['NaN' as const, 'NaN' as const] },
    ];
    await appendBatch(db, system, { runId: broken, generation: 1, source: 'rank-0', sequence: 0, points });
    const { organisationId, owner } = other;
    const { series } = await metricSeries(db, owner.context, { organisationId, runId: broken, maxPoints });
    const [accuracy, loss] = series;
    expect(accuracy?.nonFinite).toEqual({ steps: [1, 2], counts: [1, 1] });
    const ends = [...wrong.keys()].map((step) => loss?.steps.find((last) => last >= step));
    expect(loss?.nonFinite?.steps).toEqual([...new Set(ends)]);
    expect(loss?.nonFinite?.counts).toEqual(
      [...new Set(ends)].map((end) => ends.filter((each) => each === end).length),
    );
    if (maxPoints < 3000) expect(loss?.values.every((value) => typeof value === 'number')).toBe(true);
  });
});
