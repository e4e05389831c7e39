import { randomBytes } from 'node:crypto';
import type { PreparedDataset, RegisterNodeBody, ResolvedSpec, RunSpec, TokenScope } from '@lockstep/contracts';
import type { Actor, Context } from '../access/actor.js';
import type { Db } from '../database/open-db.js';
import type { Role } from '../generated/prisma/enums.js';
import { registerDatasetVersion } from '../verbs/dataset/register-dataset-version.js';
import { createNodeCredential } from '../verbs/node/create-node-credential.js';
import { registerNode } from '../verbs/node/register-node.js';
import { createOrganisation } from '../verbs/organisation/create-organisation.js';
import { createProject } from '../verbs/project/create-project.js';
import { createRun } from '../verbs/run/create-run.js';
import { createToken } from '../verbs/token/create-token.js';

export function contextOf(actor: Actor): Context {
  return { actor, requestId: 'test', address: '127.0.0.1' };
}

export const system = contextOf({ kind: 'system', name: 'test' });

function word(): string {
  return randomBytes(6).toString('hex');
}

export interface TestUser {
  readonly userId: string;
  readonly email: string;
  readonly context: Context;
}

export async function makeUser(db: Db): Promise<TestUser> {
  const userId = `user_${word()}`;
  const email = `${userId}@example.com`;
  await db.prisma.user.create({ data: { id: userId, name: `User ${userId}`, email } });
  return { userId, email, context: contextOf({ kind: 'user', userId }) };
}

export interface TestOrganisation {
  readonly organisationId: string;
  readonly slug: string;
  readonly projectId: string;
  /** Slug of its project. */
  readonly project: string;
  readonly owner: TestUser;
}

/** An organisation with an owner, a project and the facts of MNIST. */
export async function makeOrganisation(db: Db): Promise<TestOrganisation> {
  const owner = await makeUser(db);
  const slug = `org-${word()}`;
  const { organisationId } = await createOrganisation(db, owner.context, { slug, name: slug });
  const { projectId } = await createProject(db, owner.context, { organisationId, slug: 'main' });
  await registerDatasetVersion(db, system, { organisationId, name: 'mnist', facts: mnistFacts });
  return { organisationId, slug, projectId, project: 'main', owner };
}

export async function makeMember(db: Db, organisationId: string, role: Role): Promise<TestUser> {
  const user = await makeUser(db);
  await db.prisma.member.create({ data: { organisationId, userId: user.userId, role } });
  return user;
}

export async function makeToken(
  db: Db,
  { organisationId, owner }: Pick<TestOrganisation, 'organisationId' | 'owner'>,
  scopes: readonly TokenScope[] = ['runs:read', 'runs:write'],
  options: { project?: string; expiresAt?: Date } = {},
): Promise<{ tokenId: string; secret: string; context: Context }> {
  const input = { organisationId, name: 'test', scopes: [...scopes], ...options };
  const { tokenId, secret } = await createToken(db, owner.context, input);
  return { tokenId, secret, context: contextOf({ kind: 'token', tokenId }) };
}

export interface TestNode {
  readonly nodeId: string;
  readonly secret: string;
  readonly context: Context;
}

/** A node that has registered and is reachable. */
export async function makeNode(
  db: Db,
  organisationId: string,
  facts: Partial<RegisterNodeBody> = {},
): Promise<TestNode> {
  const name = `node-${word()}`;
  const { nodeId, secret } = await createNodeCredential(db, system, { organisationId, name });
  const context = contextOf({ kind: 'node', nodeId });
  await registerNode(db, context, {
    name,
    instance: 'first',
    address: '127.0.0.1',
    cores: 2,
    memoryBytes: 8 * 2 ** 30,
    cpuModel: 'Test',
    isas: ['avx512_core', 'avx2'],
    agentVersion: '0.1.0',
    ...facts,
  });
  return { nodeId, secret, context };
}

export const mnistFacts: PreparedDataset = {
  dataset: { kind: 'sample', name: 'mnist' },
  version: 'ab'.repeat(32),
  trainSamples: 60_000,
  validationSamples: 10_000,
  sampleShape: [1, 28, 28],
  classes: 10,
  dtype: 'uint8',
  defaultInput: { mean: [0.1307], std: [0.3081] },
};

/** Stands in for the engine's: fills what a resolved spec must have, and checks nothing. */
export function resolveForTests(requested: RunSpec, { dataset, defaultInput, ...data }: PreparedDataset): ResolvedSpec {
  const { training = {} } = requested;
  return {
    specVersion: 1,
    name: requested.name ?? 'model',
    dataset,
    data,
    graph: { inputs: [], nodes: [], output: 'none' } as unknown as ResolvedSpec['graph'],
    input: defaultInput ?? { mean: [0], std: [1] },
    training: {
      epochs: training.epochs ?? 1,
      batchSize: training.batchSize ?? 128,
      seed: 1,
      shuffle: 'global',
      optimizer: { kind: 'sgd', learningRate: 0.01, momentum: 0, weightDecay: 0 },
      schedule: { kind: 'constant' },
      earlyStopping: null,
    },
    validation: { batchSize: 1000, everyEpochs: 1 },
    checkpoint: { everySeconds: 30, keepLast: 2, keepBest: 1 },
    lanes: requested.lanes ?? 8,
    evaluationLanes: 32,
    isa: requested.isa ?? 'avx512_core',
    numericsVersion: 1,
    versions: { engine: '0.1.0', kernels: '0.1.0' },
  };
}

export async function makeRun(
  db: Db,
  { organisationId, project, owner }: TestOrganisation,
  size: { workers?: number; minimumWorkers?: number; threads?: number; name?: string } = {},
): Promise<string> {
  const { runId } = await createRun(
    db,
    owner.context,
    { organisationId, project, spec: 'dataset: mnist\nmodel: {preset: lenet5}\n', ...size },
    { resolve: resolveForTests },
  );
  return runId;
}
