import { randomBytes } from 'node:crypto';
import { setMemberRole } from '@lockstep/db';
import { system } from '@lockstep/db/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Person } from './client.js';
import { type Account, makeTeam, makeWorld, signUp, type Team, type World } from './world.js';

let world: World;
let team: Team;
beforeAll(async () => {
  world = await makeWorld();
  team = await makeTeam(world);
});
afterAll(() => world?.close());

async function makeMember(role: 'owner' | 'admin' | 'member' | 'viewer', of = team): Promise<Account> {
  const account = await signUp(world, `A ${role}`);
  const { organisationId } = of;
  await world.db.prisma.member.create({ data: { organisationId, userId: account.userId, role } });
  return account;
}

const signIn = (email: string, password: string) => Person.signIn(world.web.url, { email, password });
const isSignedIn = async (person: Person) => (await person.query('session.get')).body !== null;

describe('account.changePassword', () => {
  it('needs the present one, and ends every other session', async () => {
    const { email, password, person } = await signUp(world);
    const { person: elsewhere } = await signIn(email, password);
    const newPassword = 'a new password of somebody';
    const wrong = await person.mutate('account.changePassword', { currentPassword: 'guessed it', newPassword });
    expect([wrong.status, wrong.body.code]).toEqual([403, 'auth.forbidden']);
    const short = await person.mutate('account.changePassword', { currentPassword: password, newPassword: 'short' });
    expect(short.status).toBe(422);
    expect([await isSignedIn(person), await isSignedIn(elsewhere)]).toEqual([true, true]);
    const changed = await person.mutate('account.changePassword', { currentPassword: password, newPassword });
    expect([changed.status, await isSignedIn(person), await isSignedIn(elsewhere)]).toEqual([200, true, false]);
    expect((await signIn(email, password)).answer.status).toBe(401);
    expect((await signIn(email, newPassword)).answer.status).toBe(200);
  });
});

describe('account.sessions', () => {
  it("are one's own, and end one by one or all others at once", async () => {
    const { email, password, person } = await signUp(world);
    const others = [await signIn(email, password), await signIn(email, password), await signIn(email, password)];
    const { body } = await person.query('account.sessions');
    expect(body).toHaveLength(4);
    expect(body.filter(({ current }: { current: boolean }) => current)).toHaveLength(1);
    expect(Object.keys(body[0]).sort()).toEqual(['address', 'createdAt', 'current', 'expiresAt', 'id', 'userAgent']);
    const { sessionId, own } = {
      sessionId: body.find(({ current }: { current: boolean }) => !current).id,
      own: body.find(({ current }: { current: boolean }) => current).id,
    };
    expect((await team.owner.person.mutate('account.revokeSession', { sessionId })).status).toBe(404);
    expect((await person.mutate('account.revokeSession', { sessionId })).body).toEqual({ revoked: 1 });
    const left = await Promise.all(others.map((other) => isSignedIn(other.person)));
    expect(left.filter(Boolean)).toHaveLength(2);
    expect((await person.mutate('account.revokeOtherSessions')).body).toEqual({ revoked: 2 });
    expect((await person.query('account.sessions')).body).toMatchObject([{ id: own, current: true }]);
    for (const other of others) expect(await isSignedIn(other.person)).toBe(false);
  });
});

describe('organisation.createPasswordReset', () => {
  const create = (by: Account, of: Account, organisation = team.slug) =>
    by.person.mutate('organisation.createPasswordReset', { organisation, userId: of.userId });

  it('makes a link that sets a password once, ends all sessions, and is stored as a hash', async () => {
    const [admin, member] = [await makeMember('admin'), await makeMember('member')];
    const { body } = await create(admin, member);
    expect(body.url).toBe(`${world.web.url}/reset-password#${body.secret}`);
    expect(body.secret).toMatch(/^lsr_[a-z2-7]{39}$/);
    const { rows } = await world.db.pool.query(
      `SELECT (SELECT string_agg(t::text, ' ') FROM password_reset t) || (SELECT string_agg(t::text, ' ') FROM audit t) AS all`,
    );
    expect(rows[0].all).not.toContain(body.secret);
    const reset = (secret: string, newPassword = 'a password by a link') =>
      new Person(world.web.url, '').mutate('account.resetPassword', { secret, newPassword });
    expect((await reset(body.secret, 'short')).status).toBe(422);
    const results = await Promise.all([reset(body.secret), reset(body.secret)]);
    expect(results.map(({ status }) => status).sort()).toEqual([200, 404]);
    expect(await isSignedIn(member.person)).toBe(false);
    expect((await signIn(member.email, member.password)).answer.status).toBe(401);
    expect((await signIn(member.email, 'a password by a link')).answer.status).toBe(200);
    expect((await reset(body.secret)).status).toBe(404);
    const first = (await create(admin, member)).body.secret;
    const second = (await create(admin, member)).body.secret;
    expect((await reset(first)).status).toBe(404);
    await world.db.pool.query(`UPDATE password_reset SET expires_at = now() - interval '1 second'`);
    expect((await reset(second)).status).toBe(404);
  });

  it('is for those who may manage the person in all of their organisations', async () => {
    const [admin, owner, member, viewer] = [
      await makeMember('admin'),
      await makeMember('owner'),
      await makeMember('member'),
      await makeMember('viewer'),
    ];
    expect((await create(member, viewer)).status).toBe(403);
    expect((await create(admin, owner)).status).toBe(403);
    expect((await create(owner, admin)).status).toBe(200);
    expect((await create(admin, await signUp(world))).status).toBe(404);
    // An admin of one organisation gets into no other one by this.
    const other = await makeTeam(world);
    await world.db.prisma.member.create({
      data: { organisationId: other.organisationId, userId: member.userId, role: 'viewer' },
    });
    expect((await create(admin, member)).status).toBe(403);
    expect((await create(other.owner, member, other.slug)).status).toBe(403);
    await setMemberRole(world.db, system, { organisationId: other.organisationId, userId: member.userId, role: null });
    expect((await create(admin, member)).status).toBe(200);
  });
});

describe('organisation.invitations', () => {
  it('are listed without their secret, and can be taken back', async () => {
    const { slug: organisation } = team;
    const { person } = team.owner;
    const email = `${randomBytes(4).toString('hex')}@example.com`;
    const { body } = await person.mutate('organisation.invite', { organisation, email, role: 'member' });
    const list = await person.query('organisation.invitations', { organisation });
    expect(list.text).not.toContain(body.secret);
    const found = list.body.items.find((each: { email: string }) => each.email === email);
    expect(found).toMatchObject({ role: 'member', expiresAt: body.expiresAt });
    const revoke = () => person.mutate('organisation.revokeInvitation', { organisation, invitationId: found.id });
    expect([(await revoke()).status, (await revoke()).status]).toEqual([200, 200]);
    expect((await person.query('organisation.invitations', { organisation })).body.items).not.toContainEqual(found);
    const late = await Person.signUp(world.web.url, {
      name: 'x',
      email,
      password: 'a long password',
      invitation: body.secret,
    });
    expect(late.answer.status).toBe(404);
  });
});
