import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { openDb } from '@lockstep/db';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Platform, removePlatform, startPlatform } from '../../../tools/services/platform.mjs';
import { buildWeb } from '../../../tools/services/web.mjs';
import { Api, Person } from './client.js';

let folder: string;
let platform: Platform;
/** What nobody but its owner may read anywhere, by what it is. */
const secrets: Record<string, string> = {};

beforeAll(async () => {
  // Not below a home that is closed: Postgres may run as another user.
  folder = mkdtempSync('/tmp/lockstep-secrets-');
  await buildWeb({ logFile: join(folder, 'build.log') });
  platform = await startPlatform(join(folder, 'platform'), { nodes: 1 });
  await useEverything();
});
afterAll(async () => {
  await platform?.stop();
  if (folder === undefined) return;
  await removePlatform(join(folder, 'platform'));
  rmSync(folder, { recursive: true, force: true });
});

/** Everything that makes or takes a secret, and a run over real workflows and a real agent. */
async function useEverything(): Promise<void> {
  const { url, account } = platform;
  const { organisation, project } = account;
  const own = (await Person.signIn(url, account)).person;
  const made = (await own.mutate('token.create', { organisation, name: 'ci', scopes: ['runs:read', 'runs:write'] }))
    .body;
  const email = 'invited@example.com';
  const invitation = (await own.mutate('organisation.invite', { organisation, email, role: 'member' })).body.secret;
  const firstPassword = 'the first password of the invited';
  const fields = { name: 'Invited', email, password: firstPassword, invitation };
  const { person: invited, answer } = await Person.signUp(url, fields);
  expect(answer.status).toBe(201);
  const changedPassword = 'a changed password of the invited';
  const change = { currentPassword: firstPassword, newPassword: changedPassword };
  expect((await invited.mutate('account.changePassword', change)).status).toBe(200);
  const userId = answer.body.userId;
  const reset = (await own.mutate('organisation.createPasswordReset', { organisation, userId })).body.secret;
  const resetPassword = 'a password that came by a link';
  const used = await new Person(url, '').mutate('account.resetPassword', { secret: reset, newPassword: resetPassword });
  expect(used.status).toBe(200);
  const wrongPassword = 'a password that was mistyped';
  expect((await Person.signIn(url, { email, password: wrongPassword })).answer.status).toBe(401);
  const again = (await Person.signIn(url, { email, password: resetPassword })).person;
  const api = new Api(url, made.secret);
  const spec = 'dataset: mnist\nmodel: {preset: lenet5}\ntraining: {epochs: 1, batchSize: 512}\n';
  const { id: runId } = (await api.send('createRun', { body: { project, spec } })).body;
  for (let state = ''; state !== 'completed'; ) {
    const { body } = await api.send('waitForRun', { params: { runId }, query: { timeoutSeconds: '60' } });
    state = body.state;
    expect(['failed', 'cancelled']).not.toContain(state);
  }
  // What fails is logged with more than what succeeds.
  await new Api(url, `${made.secret.slice(0, -1)}x`).send('getMe');
  await api.send('createRun', { body: '{"project": ' });
  await own.mutate('organisation.acceptInvitation', { secret: invitation });
  Object.assign(secrets, {
    'the token of the command line': account.token,
    'a token': made.secret,
    'a node credential': Object.values(account.credentials)[0],
    'a password': account.password,
    'a first password': firstPassword,
    'a changed password': changedPassword,
    'a password by a link': resetPassword,
    'a mistyped password': wrongPassword,
    'an invitation': invitation,
    'a reset link': reset,
    'a session of the owner': sessionOf(own),
    'a session of the invited': sessionOf(invited),
    'a session after the reset': sessionOf(again),
  });
}

/** The cookie's value less its signature: what opens the session. */
function sessionOf({ cookie }: Person): string {
  const value = decodeURIComponent(cookie.slice(cookie.indexOf('=') + 1)).split('.')[0] ?? '';
  expect(value.length).toBeGreaterThan(20);
  return value;
}

/** What of the secrets is in there: as itself, and as whoever stores bytes would write it. */
function secretsIn(content: Buffer): string[] {
  return Object.entries(secrets).flatMap(([name, secret]) => {
    const bytes = Buffer.from(secret);
    const forms = [secret, encodeURIComponent(secret), bytes.toString('hex'), bytes.toString('base64').slice(0, -4)];
    return forms.some((form) => content.includes(form)) ? [name] : [];
  });
}

function expectNone(where: string, content: Buffer): void {
  expect({ where, found: secretsIn(content) }).toEqual({ where, found: [] });
}

function filesBelow(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((name) => join(path, name))
    .filter((file) => statSync(file).isFile());
}

describe('after everything was used, no secret is', () => {
  it('in a log', () => {
    const logs = filesBelow(folder).filter((file) => file.endsWith('.log'));
    expect(logs.map((file) => file.split('/').at(-1))).toEqual(
      expect.arrayContaining(['control.log', 'node-1.log', 'postgres.log', 'temporal.log', 'web.log']),
    );
    for (const file of logs) expectNone(relative(folder, file), readFileSync(file));
  });

  it('in the history of a workflow', async () => {
    const { address, namespace } = platform.temporal;
    const connection = await Connection.connect({ address });
    try {
      const client = new Client({ connection, namespace });
      const ids: string[] = [];
      for await (const { workflowId } of client.workflow.list()) ids.push(workflowId);
      expect(ids.some((id) => id.startsWith('run/'))).toBe(true);
      for (const id of ids)
        expectNone(`the history of ${id}`, textOf(await client.workflow.getHandle(id).fetchHistory()));
    } finally {
      await connection.close();
    }
  });

  it('in a row of the database', async () => {
    const db = openDb({ url: platform.databaseUrl });
    try {
      const { rows } = await db.pool.query<{ name: string }>(
        `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
      );
      expect(rows.length).toBeGreaterThan(30);
      for (const { name } of rows) {
        const found = await db.pool.query<{ row: string }>(`SELECT t::text AS row FROM ${name} AS t`);
        expectNone(name, Buffer.from(found.rows.map(({ row }) => row).join('\n')));
      }
    } finally {
      await db.close();
    }
  });

  it('in any other file of the service, but in the ones that are there to keep it', () => {
    const keepers = [/^platform\/account\.json$/, /^platform\/agents\/node-1\/credential$/];
    const files = filesBelow(folder);
    for (const file of files) {
      const path = relative(folder, file);
      if (!keepers.some((keeper) => keeper.test(path))) expectNone(path, readFileSync(file));
      else expect([path, statSync(file).mode & 0o077]).toEqual([path, 0]);
    }
    // The search would find them: what is there to keep a secret has it.
    const kept = files.filter((file) => keepers.some((keeper) => keeper.test(relative(folder, file))));
    expect(kept.map((file) => secretsIn(readFileSync(file)).length > 0)).toEqual([true, true]);
    expect(files.length).toBeGreaterThan(100);
  });
});

/** Every text and payload of a history, decoded. */
function textOf(value: unknown): Buffer {
  const parts: Buffer[] = [];
  const walk = (each: unknown): void => {
    if (each instanceof Uint8Array) parts.push(Buffer.from(each), Buffer.from('\n'));
    else if (typeof each === 'string') parts.push(Buffer.from(`${each}\n`));
    else if (typeof each === 'object' && each !== null) for (const inner of Object.values(each)) walk(inner);
  };
  walk(value);
  expect(parts.length).toBeGreaterThan(10);
  return Buffer.concat(parts);
}
