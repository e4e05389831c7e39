import { createHash, randomBytes } from 'node:crypto';
import type { TokenScope } from '@lockstep/contracts';
import {
  createToken,
  type Db,
  formGeneration,
  placeRun,
  registerDatasetVersion,
  setMemberRole,
  setRunState,
} from '@lockstep/db';
import {
  contextOf,
  createTestDatabase,
  makeNode,
  mnistFacts,
  system,
  type TestDatabase,
  type TestNode,
} from '@lockstep/db/testing';
import { Api, Person, send } from './client.js';
import { startWebProcess, type WebProcess } from './web-process.js';

/** A web process over a database of its own. */
export interface World {
  readonly web: WebProcess;
  readonly database: TestDatabase;
  readonly db: Db;
  close(): Promise<void>;
}

export async function makeWorld(env: Record<string, string> = {}): Promise<World> {
  const database = await createTestDatabase();
  const web = await startWebProcess({
    databaseUrl: database.url,
    env: { LOCKSTEP_SIGN_UP: 'open', LOCKSTEP_TEMPORAL_ADDRESS: '127.0.0.1:1', ...env },
  });
  return {
    web,
    database,
    db: database.db,
    close: async () => {
      await web.stop();
      await database.close();
    },
  };
}

export interface Account {
  readonly userId: string;
  readonly email: string;
  readonly password: string;
  readonly person: Person;
}

export async function signUp({ web }: World, name = 'Somebody'): Promise<Account> {
  const email = `${randomBytes(6).toString('hex')}@example.com`;
  const password = randomBytes(12).toString('hex');
  const { answer, person } = await Person.signUp(web.url, { name, email, password });
  if (answer.status !== 201) throw new Error(`signing up answered ${answer.status}: ${answer.text}`);
  return { userId: answer.body.userId, email, password, person };
}

export interface Team {
  readonly slug: string;
  readonly organisationId: string;
  readonly project: string;
  readonly owner: Account;
  readonly token: string;
  readonly api: Api;
}

/** An organisation, made through the pages' interface, with a project, a dataset and a token of its owner. */
export async function makeTeam(world: World): Promise<Team> {
  const owner = await signUp(world);
  const slug = `org-${randomBytes(6).toString('hex')}`;
  const project = `project-${randomBytes(6).toString('hex')}`;
  await owner.person.mutate('organisation.create', { slug, name: `Name of ${slug}` });
  await owner.person.mutate('project.create', { organisation: slug, slug: project });
  const { id: organisationId } = await world.db.prisma.organisation.findUniqueOrThrow({ where: { slug } });
  await registerDatasetVersion(world.db, system, { organisationId, name: 'mnist', facts: mnistFacts });
  const token = await makeToken(world, { organisationId, userId: owner.userId });
  return { slug, organisationId, project, owner, token, api: new Api(world.web.url, token) };
}

export async function makeToken(
  { db }: World,
  { organisationId, userId }: { organisationId: string; userId: string },
  options: { scopes?: readonly TokenScope[]; project?: string; expiresAt?: Date } = {},
): Promise<string> {
  const { scopes = ['runs:read', 'runs:write', 'projects:write', 'datasets:write'], ...rest } = options;
  const context = contextOf({ kind: 'user', userId });
  return (await createToken(db, context, { organisationId, name: 'test', scopes: [...scopes], ...rest })).secret;
}

/** A member whose token was made in a better role than the one they have now. */
export async function makeViewer(world: World, { organisationId }: Team): Promise<Account & { token: string }> {
  const account = await signUp(world);
  const { userId } = account;
  await world.db.prisma.member.create({ data: { organisationId, userId, role: 'member' } });
  const token = await makeToken(world, { organisationId, userId });
  await setMemberRole(world.db, system, { organisationId, userId, role: 'viewer' });
  return { ...account, token };
}

export const spec = 'dataset: mnist\nmodel: {preset: lenet5}\ntraining: {epochs: 1, batchSize: 64}\n';

/** Sends as a node. */
export function nodeSender({ web }: World, secret: string) {
  return (method: string, path: string, body?: unknown) =>
    send(`${web.url}/node/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${secret}`,
        ...(body === undefined || body instanceof Uint8Array ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body) }),
    });
}
export type SendAsNode = ReturnType<typeof nodeSender>;

export interface PlacedRun {
  readonly runId: string;
  readonly generation: number;
  readonly nonce: string;
  readonly node: TestNode;
  readonly sendAsNode: SendAsNode;
}

/** Nodes that were made here; placement chooses among all of an organisation. */
const nodes = new Map<string, TestNode>();

/** A run of one rank that trains. */
export async function makePlacedRun(world: World, team: Team): Promise<PlacedRun> {
  const { body } = await team.api.send('createRun', { body: { project: team.project, spec } });
  const runId: string = body.id;
  const made = await makeNode(world.db, team.organisationId);
  nodes.set(made.nodeId, made);
  const placed = await placeRun(world.db, system, { runId });
  if (!placed.placed) throw new Error(`the run was not placed: ${placed.message}`);
  const node = nodes.get(placed.allocations[0]?.nodeId ?? '') ?? made;
  const { generation, nonce } = await formGeneration(world.db, system, { runId, generation: 1 });
  await setRunState(world.db, system, { runId, generation, state: 'training', reason: null, message: null });
  return { runId, generation, nonce, node, sendAsNode: nodeSender(world, node.secret) };
}

/** Stores a file as a blob. */
export async function putBlob(sendAsNode: SendAsNode, name: string, content: string) {
  const bytes = Buffer.from(content);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const { status } = await sendAsNode('PUT', `/blobs/${sha256}`, bytes);
  return { status, file: { name, bytes: bytes.length, sha256 } };
}

/** A checkpoint of the run, through the node API. */
export async function makeCheckpoint({ runId, generation, sendAsNode }: PlacedRun, sequence = 0): Promise<string> {
  const digest = createHash('sha256').update(`state ${sequence}`).digest('hex');
  const step = 10 * (sequence + 1);
  await sendAsNode('PUT', `/runs/${runId}/generations/${generation}/agreements/${sequence}/0`, { step, digest });
  const files = [
    (await putBlob(sendAsNode, 'model.safetensors', `model ${sequence}`)).file,
    (await putBlob(sendAsNode, 'manifest.json', `{"sequence":${sequence}}`)).file,
  ];
  const body = { sequence, step, epoch: 0, best: false, weightsDigest: digest, stateDigest: digest, files };
  const answer = await sendAsNode('POST', `/runs/${runId}/generations/${generation}/checkpoints`, body);
  if (answer.status !== 201) throw new Error(`recording a checkpoint answered ${answer.status}: ${answer.text}`);
  return answer.body.checkpointId;
}

/**
 * A digest of every row of every table, less what requests count: two are equal if nothing was changed in between.
 */
export async function contentOf({ db }: World): Promise<Record<string, string>> {
  const { rows } = await db.pool.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name NOT IN ('rate_limit') ORDER BY 1`,
  );
  const content: Record<string, string> = {};
  for (const { name } of rows) {
    const row = name === 'api_token' ? `to_jsonb(t) - 'last_used_at'` : 'to_jsonb(t)';
    const found = await db.pool.query<{ digest: string | null }>(
      `SELECT md5(string_agg((${row})::text, '|' ORDER BY (${row})::text)) AS digest FROM "${name}" AS t`,
    );
    content[name] = found.rows[0]?.digest ?? '';
  }
  return content;
}
