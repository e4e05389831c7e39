import { afterAll, beforeAll, expect, it } from 'vitest';
import { appendBatch, formGeneration, placeRun, runCurves, tableOfRuns } from '../src/index.js';
import {
  createTestDatabase,
  makeMember,
  makeNode,
  makeOrganisation,
  makeRun,
  makeUser,
  system,
  type TestDatabase,
  type TestOrganisation,
} from '../src/testing/index.js';

let database: TestDatabase;
let organisation: TestOrganisation;
const runs: string[] = [];
const losses = [0.5, Number.NaN, 0.25, Number.POSITIVE_INFINITY, 0.75];

beforeAll(async () => {
  database = await createTestDatabase();
  organisation = await makeOrganisation(database.db);
  await makeNode(database.db, organisation.organisationId, { cores: 64 });
  for (const loss of losses) {
    const runId = await makeRun(database.db, organisation);
    runs.push(runId);
    await placeRun(database.db, system, { runId });
    await formGeneration(database.db, system, { runId, generation: 1 });
    const points = [{ name: 'train/loss', steps: [1, 2, 3], values: [2, 1, loss].map(toNumber) }];
    await appendBatch(database.db, system, { runId, generation: 1, source: 'rank-0', sequence: 0, points });
  }
  // Waits, and has recorded nothing.
  runs.push(await makeRun(database.db, organisation));
});
afterAll(() => database?.close());

function toNumber(value: number): number | 'NaN' | 'Infinity' {
  if (Number.isNaN(value)) return 'NaN';
  return value === Number.POSITIVE_INFINITY ? 'Infinity' : value;
}

const places = async (given: Partial<Parameters<typeof tableOfRuns>[2]>): Promise<number[]> => {
  const { organisationId, project, owner } = organisation;
  const defaults = { order: 'created', descending: true, offset: 0, limit: 100 } as const;
  const { items } = await tableOfRuns(database.db, owner.context, { organisationId, project, ...defaults, ...given });
  return items.map(({ id }) => runs.indexOf(id));
};

it('sorts by a metric, with what has no number last either way', async () => {
  expect((await places({ order: 'loss', descending: false })).slice(0, 3)).toEqual([2, 0, 4]);
  expect((await places({ order: 'loss', descending: true })).slice(0, 3)).toEqual([4, 0, 2]);
  expect((await places({ order: 'loss', descending: true })).slice(3).sort()).toEqual([1, 3, 5]);
});

it('has each run in one part only', async () => {
  const parts = [];
  for (let offset = 0; offset < 6; offset += 2) parts.push(...(await places({ order: 'state', offset, limit: 2 })));
  expect([...parts].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  expect(await places({ offset: 100 })).toEqual([]);
});

it('finds what the reader launched', async () => {
  const { organisationId, project } = organisation;
  const { context } = await makeMember(database.db, organisationId, 'viewer');
  const window = { order: 'created', descending: true, offset: 0, limit: 10 } as const;
  const of = async (mine: boolean) =>
    (await tableOfRuns(database.db, context, { organisationId, project, ...window, mine })).total;
  expect([await of(false), await of(true)]).toEqual([6, 0]);
  expect(await places({ mine: true })).toHaveLength(6);
});

it('counts and finds what fits the filters', async () => {
  const { organisationId, project, owner } = organisation;
  const window = { order: 'name', descending: false, offset: 0, limit: 1 } as const;
  const found = await tableOfRuns(database.db, owner.context, {
    organisationId,
    project,
    ...window,
    states: ['queued'],
  });
  expect([found.total, found.items.length]).toEqual([6, 1]);
  expect(await places({ states: ['completed'] })).toEqual([]);
  expect(await places({ search: '%' })).toEqual([]);
  expect(await places({ tag: 'nobody' })).toEqual([]);
  expect(await places({ archived: true })).toEqual([]);
});

it.each(['created', 'name', 'state', 'progress', 'loss', 'accuracy', 'duration', 'creator'] as const)(
  'can be in the order of %s',
  async (order) => {
    expect((await places({ order, descending: false })).sort()).toEqual([0, 1, 2, 3, 4, 5]);
  },
);

it('is nothing to strangers, and neither are curves', async () => {
  const { organisationId, project, owner } = organisation;
  const stranger = await makeUser(database.db);
  const window = { order: 'name', descending: false, offset: 0, limit: 1 } as const;
  await expect(
    tableOfRuns(database.db, stranger.context, { organisationId, project, ...window }),
  ).rejects.toMatchObject({ code: 'auth.not-found' });
  await expect(runCurves(database.db, stranger.context, { organisationId, runIds: runs })).rejects.toMatchObject({
    code: 'auth.not-found',
  });
  const curves = await runCurves(database.db, owner.context, { organisationId, runIds: runs });
  expect(curves[runs[0] as string]).toEqual([2, 1, 0.5]);
  expect(curves[runs[1] as string]).toEqual([2, 1, null]);
  expect(Object.keys(curves)).toHaveLength(5);
});
