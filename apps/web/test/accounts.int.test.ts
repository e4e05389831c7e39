import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Api, jsonPost, Person, send } from './client.js';
import { makeWorld, type World } from './world.js';

let world: World;
let inviteUrl: string;
const first = { name: 'First', email: 'first@example.com', password: 'a password of the first' };
const invited = { name: 'Invited', email: 'invited@example.com', password: 'a password of the other' };

beforeAll(async () => {
  world = await makeWorld({ LOCKSTEP_SIGN_UP: 'invitation' });
});
afterAll(() => world?.close());

const trpcBody = JSON.stringify({ json: { slug: 'forged', name: 'Forged' } });

describe('signing up', () => {
  it('lets one person be the first, of several at the same time', async () => {
    const people = [0, 1, 2].map((index) => ({ ...first, email: `race-${index}@example.com` }));
    const answers = await Promise.all(people.map((person) => Person.signUp(world.web.url, person)));
    expect(answers.map(({ answer }) => answer.status).sort()).toEqual([201, 403, 403]);
    await world.db.prisma.user.deleteMany();
    expect((await Person.signUp(world.web.url, first)).answer.status).toBe(201);
  });

  it('needs an invitation after that, for this address, once', async () => {
    const uninvited = await Person.signUp(world.web.url, invited);
    expect([uninvited.answer.status, uninvited.answer.body.code]).toEqual([403, 'auth.forbidden']);
    const { person } = await Person.signIn(world.web.url, first);
    await person.mutate('organisation.create', { slug: 'acme', name: 'Acme' });
    const { body } = await person.mutate('organisation.invite', {
      organisation: 'acme',
      email: invited.email,
      role: 'viewer',
    });
    inviteUrl = body.url;
    expect(inviteUrl).toBe(`${world.web.url}/sign-up#${body.secret}`);
    const other = await Person.signUp(world.web.url, {
      ...invited,
      email: 'other@example.com',
      invitation: body.secret,
    });
    expect([other.answer.status, other.answer.body.code]).toEqual([404, 'auth.not-found']);
    const used = await Person.signUp(world.web.url, { ...invited, invitation: body.secret });
    expect(used.answer.status).toBe(201);
    expect((await used.person.query('organisation.list')).body).toEqual([
      { slug: 'acme', name: 'Acme', role: 'viewer' },
    ]);
    const again = await Person.signUp(world.web.url, {
      ...invited,
      email: 'third@example.com',
      invitation: body.secret,
    });
    expect(again.answer.status).toBe(404);
  });

  it('says what is wrong with a form', async () => {
    const short = await Person.signUp(world.web.url, { ...invited, password: 'short' });
    expect([short.answer.status, short.answer.body.problems[0].path]).toEqual([422, 'password']);
    expect(short.answer.text).not.toContain('"short"');
  });

  it('has no way around our own route', async () => {
    for (const path of [
      'sign-up/email',
      'sign-up',
      'update-user',
      'delete-user',
      'list-sessions',
      'forget-password',
      'error',
      'ok',
    ]) {
      const answer = await send(`${world.web.url}/api/auth/${path}`, jsonPost(invited, { origin: world.web.url }));
      expect([path, answer.status]).toEqual([path, 404]);
    }
  });
});

describe('sessions', () => {
  it('begin with the right password only, and end for good', async () => {
    const wrong = await Person.signIn(world.web.url, { ...first, password: 'not the password' });
    const unknown = await Person.signIn(world.web.url, { ...first, email: 'nobody@example.com' });
    expect([wrong.answer.status, unknown.answer.status]).toEqual([401, 401]);
    expect(wrong.answer.body).toEqual(unknown.answer.body);
    const { person } = await Person.signIn(world.web.url, first);
    expect((await person.query('session.get')).body).toMatchObject({ email: first.email });
    const out = await send(
      `${world.web.url}/api/auth/sign-out`,
      jsonPost({}, { origin: world.web.url, cookie: person.cookie }),
    );
    expect(out.status).toBe(200);
    expect((await person.query('session.get')).body).toBeNull();
  });

  it('are in cookies that scripts and other sites do not get, and stored as hashes', async () => {
    const answer = await send(`${world.web.url}/api/auth/sign-in/email`, jsonPost(first, { origin: world.web.url }));
    const [cookie = ''] = answer.headers.getSetCookie();
    expect(cookie).toMatch(/; HttpOnly/i);
    expect(cookie).toMatch(/; SameSite=Lax/i);
    const token = decodeURIComponent(cookie.slice(cookie.indexOf('=') + 1, cookie.indexOf(';'))).split('.')[0] ?? '';
    expect(token.length).toBeGreaterThan(20);
    const { rows } = await world.db.pool.query<{ rows: string }>(
      `SELECT string_agg(t::text, ' ') AS rows FROM session AS t`,
    );
    expect(rows[0]?.rows).not.toContain(token);
    expect(await world.db.prisma.session.count()).toBeGreaterThan(0);
  });

  it('change nothing for requests from other origins, or of other types than JSON', async () => {
    const { person } = await Person.signIn(world.web.url, first);
    const create = `${world.web.url}/api/trpc/organisation.create`;
    const before = await world.db.prisma.organisation.count();
    for (const origin of [
      undefined,
      'null',
      'http://evil.example',
      `${world.web.url}.evil.example`,
      'http://127.0.0.1:1',
    ]) {
      const headers = { cookie: person.cookie, 'content-type': 'application/json', ...(origin ? { origin } : {}) };
      const answer = await send(create, { method: 'POST', headers, body: trpcBody });
      expect([origin, answer.status, answer.body.code]).toEqual([origin, 403, 'auth.origin']);
    }
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/octet-stream',
    ]) {
      const headers = { cookie: person.cookie, 'content-type': type, origin: world.web.url };
      expect((await send(create, { method: 'POST', headers, body: trpcBody })).status).toBe(415);
    }
    const byGet = await send(`${create}?input=${encodeURIComponent(trpcBody)}`, { headers: { cookie: person.cookie } });
    expect(byGet.status).toBe(405);
    const signOut = await send(
      `${world.web.url}/api/auth/sign-out`,
      jsonPost({}, { origin: 'http://evil.example', cookie: person.cookie }),
    );
    expect(signOut.status).toBe(403);
    expect(await world.db.prisma.organisation.count()).toBe(before);
    expect((await person.query('session.get')).body).not.toBeNull();
  });
});

describe('tokens', () => {
  it('are made by people who are signed in, shown once, and end when they are revoked', async () => {
    const { person } = await Person.signIn(world.web.url, first);
    const made = await person.mutate('token.create', { organisation: 'acme', name: 'ci', scopes: ['runs:read'] });
    const { secret, tokenId } = made.body;
    expect(secret).toMatch(/^lst_[a-z2-7]{39}$/);
    const api = new Api(world.web.url, secret);
    expect((await api.send('getMe')).body).toMatchObject({
      organisation: { slug: 'acme', name: 'Acme' },
      actor: { kind: 'token', name: 'ci' },
      scopes: ['runs:read'],
      role: 'owner',
      project: null,
    });
    const list = await person.query('token.list', { organisation: 'acme' });
    expect(list.text).not.toContain(secret);
    expect(list.body.items[0]).toMatchObject({ id: tokenId, name: 'ci', revokedAt: null });
    await person.mutate('token.revoke', { organisation: 'acme', tokenId });
    expect((await api.send('getMe')).status).toBe(401);
  });
});

describe('pages', () => {
  it('send no form by themselves: a browser whose script is not there yet would put the fields in the address', async () => {
    for (const path of ['/sign-in', '/sign-up']) {
      const { text } = await send(`${world.web.url}${path}`);
      const [form = ''] = /<form.*<\/form>/s.exec(text) ?? [];
      expect(form).toMatch(/^<form[^>]*method="post"/);
      expect(form).toMatch(/<button type="submit"[^>]* disabled/);
    }
  });

  it('that are not there, or cannot be, are not found for whoever is signed in, in a page that keeps to the policy', async () => {
    const { cookie } = (await Person.signIn(world.web.url, first)).person;
    for (const path of ['/nothing', '/No%20Name', '/favicon.png', '/nothing/at/runs/run_1', '/a/b/c/d']) {
      const { status, text } = await send(`${world.web.url}${path}`, { headers: { cookie } });
      expect([path, status]).toEqual([path, 404]);
      expect(text).toContain('Not found');
      expect(text).not.toMatch(/ style="/);
    }
  });

  it('have a policy with a nonce that every script of theirs has, and cannot be framed', async () => {
    const answers = await Promise.all(['/sign-in', '/sign-in', '/sign-up'].map((path) => send(world.web.url + path)));
    const nonces = answers.map(({ headers, text }) => {
      const policy = headers.get('content-security-policy') ?? '';
      const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
      expect(policy).not.toContain('unsafe');
      expect(policy).toContain("frame-ancestors 'none'");
      expect(headers.get('x-frame-options')).toBe('DENY');
      const scripts = text.match(/<script\b[^>]*>/g) ?? [];
      expect(scripts.length).toBeGreaterThan(0);
      for (const script of scripts) expect(script).toContain(`nonce="${nonce}"`);
      // Nothing comes from elsewhere.
      expect(text).not.toMatch(/(src|href)="https?:/);
      return nonce;
    });
    expect(new Set(nonces).size).toBe(3);
  });

  it('of the API are served whole from here', async () => {
    const page = await send(`${world.web.url}/docs/api`);
    expect(page.headers.get('content-security-policy')).not.toContain('unsafe');
    for (const [, path = ''] of page.text.matchAll(/(?:src|href)="([^"]+)"/g)) {
      const asset = await send(world.web.url + path);
      expect([path, asset.status]).toEqual([path, 200]);
    }
    expect((await send(`${world.web.url}/docs/api/assets/..%2fpackage.json`)).status).toBe(404);
    const document = await send(`${world.web.url}/api/openapi.json`);
    expect(document.body.servers[0].url).toBe(`${world.web.url}/api/v1`);
  });
});

it('keeps passwords, cookies, tokens and invitations out of its log', async () => {
  const log = world.web.log();
  for (const secret of [first.password, invited.password, inviteUrl.split('#')[1] ?? '', 'session_token', 'lst_']) {
    expect(log).not.toContain(secret);
  }
});
