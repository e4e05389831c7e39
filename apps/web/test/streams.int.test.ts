import { revokeToken, setMemberRole } from '@lockstep/db';
import { system } from '@lockstep/db/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Api, Person, send } from './client.js';
import { openLive } from './live-reader.js';
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
    const first = await openLive(world, await elsewhere());
    await person.mutate('account.revokeOtherSessions');
    const told = await endsInTime(first);
    expect(told).toContain('event: signed-out\ndata: {"reason":"session"}');
    const leaving = await elsewhere();
    const second = await openLive(world, leaving);
    const headers = { cookie: leaving.cookie, origin: world.web.url, 'content-type': 'application/json' };
    await fetch(`${world.web.url}/api/auth/sign-out`, { method: 'POST', headers, body: '{}' });
    expect(await endsInTime(second)).toContain('event: signed-out');
    const third = await openLive(world, await elsewhere());
    const fields = { currentPassword: password, newPassword: 'another password of theirs' };
    expect((await person.mutate('account.changePassword', fields)).status).toBe(200);
    expect(await endsInTime(third)).toContain('event: signed-out');
  });

  it('of a session whose owner is a member no more', async () => {
    const { organisationId } = team;
    const { userId, person } = await makeMember();
    const stream = await openLive(world, person);
    await setMemberRole(world.db, system, { organisationId, userId, role: null });
    expect(await endsInTime(stream)).toContain('event: signed-out\ndata: {"reason":"membership"}');
    // What they are told afterwards is about what they may still see.
    const again = await openLive(world, person);
    expect(again.text()).not.toContain(team.slug);
    await again.close();
  });
});

describe('the live stream of a browser', () => {
  const rename = (name: string) =>
    team.owner.person.mutate('run.update', { organisation: team.slug, runId: placed.runId, name });

  it('tells where a run is, a few times a second at most, and at the end how far it went', async () => {
    const { person } = await makeMember();
    const stream = await openLive(world, person);
    const startedAt = performance.now();
    for (let index = 0; index < 40; index++) await rename(`name ${index}`);
    const { cursor } = (await person.query('run.get', { organisation: team.slug, runId: placed.runId })).body;
    await stream.until((text) => text.includes(`"cursor":${cursor}}`));
    const seconds = (performance.now() - startedAt) / 1000;
    const count = stream.text().split('event: run').length - 1;
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThanOrEqual(4 * seconds + 2);
    await stream.close();
  });

  it('says that everything may have changed after the database was away', async () => {
    const { person } = await makeMember();
    const stream = await openLive(world, person);
    await world.db.pool.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lockstep-listen' AND datname = current_database()",
    );
    await stream.until((text) => text.includes('event: everything'));
    await stream.close();
  });

  it('ends when the same browser opens another, and there is a bound for those that do not share', async () => {
    const { person, email, password } = await makeMember();
    const first = await openLive(world, person, 'browser-one');
    const second = await openLive(world, person, 'browser-one');
    expect(await endsInTime(first)).toContain('event: replaced');
    const more = await Promise.all(Array.from({ length: 7 }, () => openLive(world, person)));
    const refused = await send(`${world.web.url}/api/live`, { headers: { cookie: person.cookie } });
    expect([refused.status, refused.body.code]).toEqual([429, 'auth.rate-limited']);
    expect(refused.body.detail).toContain('8 open live streams of one session');
    // Another session of the same person has room, and so has this one once a stream is closed.
    const elsewhere = (await Person.signIn(world.web.url, { email, password })).person;
    await (await openLive(world, elsewhere)).close();
    await second.close();
    await expect
      .poll(async () => {
        const answer = await fetch(`${world.web.url}/api/live`, { headers: { cookie: person.cookie } });
        await answer.body?.cancel();
        return answer.status;
      })
      .toBe(200);
    await Promise.all(more.map((each) => each.close()));
  });
});
