import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Api, Person, send } from './client.js';
import { startWebProcess } from './web-process.js';
import { makeTeam, makeToken, makeWorld, type Team, type World } from './world.js';

describe('limits', () => {
  let world: World;
  let team: Team;
  beforeAll(async () => {
    world = await makeWorld({
      LOCKSTEP_REQUESTS_PER_MINUTE: '30',
      LOCKSTEP_ATTEMPTS_PER_MINUTE: '5',
      LOCKSTEP_TRUSTED_PROXIES: '192.0.2.1',
    });
    team = await makeTeam(world);
  });
  afterAll(() => world?.close());

  it('count the requests of each token by itself, and say in headers how many are left', async () => {
    const answers = [];
    for (let index = 0; index < 40; index++) answers.push(await team.api.send('getMe'));
    const [first] = answers;
    expect(first?.status).toBe(200);
    expect(first?.headers.get('ratelimit-limit')).toBe('30');
    expect(first?.headers.get('ratelimit-remaining')).toBe('29');
    const refused = answers.find(({ status }) => status !== 200);
    expect([refused?.status, refused?.body.code]).toEqual([429, 'auth.rate-limited']);
    expect(refused?.headers.get('ratelimit-remaining')).toBe('0');
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    const owner = { organisationId: team.organisationId, userId: team.owner.userId };
    expect((await new Api(world.web.url, await makeToken(world, owner)).send('getMe')).status).toBe(200);
  });

  it('count attempts without a valid credential by the address of the peer, whatever it says it is', async () => {
    const statuses = [];
    for (let index = 0; index < 8; index++) {
      const headers = {
        'x-forwarded-for': `203.0.113.${index}`,
        'x-lockstep-address': `203.0.113.${index}`,
        authorization: 'Bearer x',
      };
      statuses.push((await send(`${world.web.url}/api/v1/me`, { headers })).status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
    // Who has a valid token is not kept out by others of the same address.
    const owner = { organisationId: team.organisationId, userId: team.owner.userId };
    expect((await new Api(world.web.url, await makeToken(world, owner)).send('getMe')).status).toBe(200);
  });

  it('count passwords that are tried', async () => {
    const statuses = [];
    for (let index = 0; index < 30; index++) {
      const { answer } = await Person.signIn(world.web.url, { email: team.owner.email, password: `guess ${index}` });
      statuses.push(answer.status);
    }
    // A few come back while the passwords are compared, which is slow on purpose.
    expect(statuses.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 401));
    expect(statuses).toContain(429);
  });
});

describe('a server without', () => {
  it('Postgres and Temporal starts, says what is missing, and answers clearly', async () => {
    const web = await startWebProcess({
      databaseUrl: 'postgresql://lockstep:secret-word@127.0.0.1:1/none',
      temporalAddress: '127.0.0.1:1',
    });
    try {
      const health = await send(`${web.url}/api/health`);
      expect(health.status).toBe(503);
      expect(health.body).toMatchObject({ ok: false, database: { ok: false }, temporal: { ok: false } });
      expect(health.body.database.problem).toContain('Postgres does not answer');
      expect(health.body.temporal.problem).toContain('Temporal does not answer');
      const answer = await send(`${web.url}/api/v1/runs`, {
        headers: { authorization: `Bearer lst_${'a'.repeat(39)}` },
      });
      // The checksum of this token is wrong: that is found without Postgres; counting it needs Postgres.
      expect([answer.status, answer.body.code]).toEqual([503, 'infrastructure.database']);
      expect(web.log()).toContain('Postgres does not answer');
      expect(web.log() + health.text + answer.text).not.toContain('secret-word');
    } finally {
      await web.stop();
    }
  });

  it('its configuration starts, and says what to set', async () => {
    const web = await startWebProcess({ databaseUrl: '' });
    try {
      const health = await send(`${web.url}/api/health`);
      expect([health.status, health.body.configuration.ok]).toEqual([503, false]);
      expect(health.body.configuration.problem).toContain('LOCKSTEP_DATABASE_URL');
    } finally {
      await web.stop();
    }
  });

  it('its port ends at once and names the port', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    try {
      const starting = startWebProcess({
        databaseUrl: 'postgresql://127.0.0.1:1/none',
        env: { LOCKSTEP_WEB_PORT: String(port) },
      });
      await expect(starting).rejects.toThrow(`Port ${port} of 127.0.0.1 is in use`);
    } finally {
      taken.close();
    }
  });
});
