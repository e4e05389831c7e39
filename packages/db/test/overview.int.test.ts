import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  createOrganisation,
  createProject,
  createToken,
  formGeneration,
  listNodes,
  placeRun,
  projectActivity,
  updateRun,
} from '../src/index.js';
import {
  contextOf,
  createTestDatabase,
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
let runId: string;
beforeAll(async () => {
  database = await createTestDatabase();
  organisation = await makeOrganisation(database.db);
  const { db } = database;
  await makeNode(db, organisation.organisationId, { cores: 4 });
  await createProject(db, organisation.owner.context, { organisationId: organisation.organisationId, slug: 'empty' });
  runId = await makeRun(db, organisation, { workers: 2, threads: 1, name: 'placed' });
  await placeRun(db, system, { runId });
  await formGeneration(db, system, { runId, generation: 1 });
  await makeRun(db, organisation, { name: 'waits' });
});
afterAll(() => database?.close());

it('names what runs on a node, once for all ranks of a run', async () => {
  const { organisationId, project, owner } = organisation;
  const { items } = await listNodes(database.db, owner.context, { organisationId });
  expect(items).toHaveLength(1);
  expect(items[0]).toMatchObject({
    usedCores: 2,
    uses: [{ runId, name: 'placed', project, ranks: [0, 1], cores: 2 }],
  });
});

it('names no run of another project to a token for one, which still counts the cores', async () => {
  const { organisationId, owner } = organisation;
  const { tokenId } = await createToken(database.db, owner.context, {
    organisationId,
    name: 'of the empty project',
    scopes: ['runs:read'],
    project: 'empty',
  });
  const context = contextOf({ kind: 'token', tokenId });
  const { items } = await listNodes(database.db, context, { organisationId });
  expect(items[0]).toMatchObject({ usedCores: 2, uses: [] });
  expect(Object.keys(await projectActivity(database.db, context, { organisationId }))).toEqual(['empty']);
});

it('counts the runs of projects, also where there are none', async () => {
  const { organisationId, project, owner } = organisation;
  const activity = await projectActivity(database.db, owner.context, { organisationId });
  expect(activity[project]).toEqual({ runs: 2, active: 2, lastRunAt: expect.any(Date) });
  expect(activity.empty).toEqual({ runs: 0, active: 0, lastRunAt: null });
  const stranger = await makeUser(database.db);
  await expect(projectActivity(database.db, stranger.context, { organisationId })).rejects.toMatchObject({
    code: 'auth.not-found',
  });
});

it('adds tags to those that a run has, also when two people do it at once', async () => {
  const { db } = database;
  const { organisationId, owner } = organisation;
  await updateRun(db, owner.context, { organisationId, runId, tags: ['a'] });
  await Promise.all(
    ['b', 'c', 'a'].map((tag) => updateRun(db, owner.context, { organisationId, runId, addTags: [tag] })),
  );
  const { tags } = await db.prisma.run.findUniqueOrThrow({ where: { id: runId } });
  expect([...tags].sort()).toEqual(['a', 'b', 'c']);
  const many = Array.from({ length: 30 }, (_, index) => `tag ${index}`);
  await expect(updateRun(db, owner.context, { organisationId, runId, addTags: many })).rejects.toMatchObject({
    code: 'bad-input.field',
  });
});

it('refuses words that are addresses of pages', async () => {
  const { organisationId, owner } = organisation;
  await expect(createProject(database.db, owner.context, { organisationId, slug: 'nodes' })).rejects.toThrow(
    /address of a page/,
  );
  await expect(createOrganisation(database.db, owner.context, { slug: 'account', name: 'A' })).rejects.toThrow(
    /address of a page/,
  );
});
