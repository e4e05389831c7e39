import { revokeToken, setMemberRole } from '@lockstep/db';
import { system } from '@lockstep/db/testing';
import superjson from 'superjson';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Api, Person } from './client.js';
import { readEvents } from './sse.js';
import {
  type Account,
  makePlacedRun,
  makeTeam,
  makeToken,
  makeWorld,
  type PlacedRun,
  signUp,
  type Team,
  type World,
} from './world.js';

let world: World;
let team: Team;
let placed: PlacedRun;
beforeAll(async () => {
  world = await makeWorld();
  team = await makeTeam(world);
  placed = await makePlacedRun(world, team);
});
afterAll(() => world?.close());

const deadlineMs = 5000;

async function makeMember(): Promise<Account> {
  const account = await signUp(world);
  const { organisationId } = team;
  await world.db.prisma.member.create({ data: { organisationId, userId: account.userId, role: 'member' } });
  return account;
}

/** An open REST stream; `ended` says after how many ms, from `sinceMs` on, it was closed by the server. */
async function openRest(token: string): Promise<{ ended: Promise<string> }> {
  const url = `${world.web.url}/api/v1/runs/${placed.runId}/events`;
  return open(url, { authorization: `Bearer ${token}` });
}

async function openTrpc({ cookie }: Person, input: object = {}): Promise<{ ended: Promise<string> }> {
  const given = superjson.stringify({ organisation: team.slug, runId: placed.runId, ...input });
  return open(`${world.web.url}/api/trpc/run.events?input=${encodeURIComponent(given)}`, { cookie });
}

/** Opened, with something read; `ended` is all of its text once the server has closed it. */
async function open(url: string, headers: Record<string, string>): Promise<{ ended: Promise<string> }> {
  const response = await fetch(url, { headers });
  expect([response.status, response.headers.get('content-type')?.split(';')[0]]).toEqual([200, 'text/event-stream']);
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = '';
  while (!text.includes('"queued"')) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`the stream ended early: ${text}`);
    text += decoder.decode(value, { stream: true });
  }
  const rest = async (): Promise<string> => {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return text;
      text += decoder.decode(value, { stream: true });
    }
  };
  return { ended: rest() };
}

async function endsInTime({ ended }: { ended: Promise<string> }): Promise<string> {
  const late = new Promise<never>((_, reject) =>
    setTimeout(() => reject(new Error(`the stream was still open after ${deadlineMs} ms`)), deadlineMs).unref(),
  );
  return Promise.race([ended, late]);
}

describe('streams end within five seconds', () => {
  it('of a token that is revoked', async () => {
    const { organisationId, owner } = team;
    const token = await makeToken(world, { organisationId, userId: owner.userId });
    const { id: tokenId } = await world.db.prisma.apiToken.findFirstOrThrow({ orderBy: { id: 'desc' } });
    const stream = await openRest(token);
    await revokeToken(world.db, system, { organisationId, tokenId });
    expect(await endsInTime(stream)).toContain('event: problem');
    expect((await new Api(world.web.url, token).send('getMe')).status).toBe(401);
  });

  it('of a token whose owner is a member no more', async () => {
    const { organisationId } = team;
    const { userId } = await makeMember();
    const stream = await openRest(await makeToken(world, { organisationId, userId }));
    await setMemberRole(world.db, system, { organisationId, userId, role: null });
    expect(await endsInTime(stream)).toContain('auth.not-found');
  });

  it('of a session that is revoked, signed out, or ended by a new password', async () => {
    const { email, password, person } = await makeMember();
    const elsewhere = async () => (await Person.signIn(world.web.url, { email, password })).person;
    const first = await openTrpc(await elsewhere());
    await person.mutate('account.revokeOtherSessions');
    expect(await endsInTime(first)).toContain('auth.unauthenticated');
    const leaving = await elsewhere();
    const second = await openTrpc(leaving);
    const headers = { cookie: leaving.cookie, origin: world.web.url, 'content-type': 'application/json' };
    await fetch(`${world.web.url}/api/auth/sign-out`, { method: 'POST', headers, body: '{}' });
    await endsInTime(second);
    const third = await openTrpc(await elsewhere());
    const fields = { currentPassword: password, newPassword: 'another password of theirs' };
    expect((await person.mutate('account.changePassword', fields)).status).toBe(200);
    await endsInTime(third);
  });

  it('of a session whose owner is a member no more', async () => {
    const { organisationId } = team;
    const { userId, person } = await makeMember();
    const stream = await openTrpc(person);
    await setMemberRole(world.db, system, { organisationId, userId, role: null });
    expect(await endsInTime(stream)).toContain('auth.not-found');
  });
});

describe('run.events', () => {
  it('tells what REST tells, resumes from an id, and takes no id of another form', async () => {
    const { person } = await makeMember();
    const { events } = await readEvents(
      `${world.web.url}/api/v1/runs/${placed.runId}/events`,
      { authorization: `Bearer ${team.token}` },
      ({ data }) => data.type === 'state' && data.state === 'training',
    );
    const ids = events.flatMap(({ id }) => id ?? []);
    const given = superjson.stringify({ organisation: team.slug, runId: placed.runId, lastEventId: ids.at(-2) });
    const response = await fetch(`${world.web.url}/api/trpc/run.events?input=${encodeURIComponent(given)}`, {
      headers: { cookie: person.cookie },
    });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    let text = '';
    while (!text.includes('"training"')) text += new TextDecoder().decode((await reader.read()).value);
    await reader.cancel();
    expect(text).not.toContain('"queued"');
    expect(text).toContain(`id: ${ids.at(-1)}`);
    const bad = await person.query('run.events', { organisation: team.slug, runId: placed.runId, lastEventId: 'x' });
    expect(bad.text).toContain('bad-input.field');
  });
});
