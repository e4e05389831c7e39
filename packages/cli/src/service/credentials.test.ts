import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isReadableOnTheWay, readCredentials, saveCredentials, serviceOrigin } from './credentials.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-credentials-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const nothing = { url: null, token: null };
const saved = { url: 'https://one.example', token: 'lst_one' };

describe('credentials', () => {
  it('are readable by their owner only, also where the file was open before', async () => {
    const file = join(folder, 'below', 'credentials.json');
    await saveCredentials(file, saved);
    await saveCredentials(file, { ...saved, token: 'lst_two' });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readCredentials(file, nothing)).toEqual({ ...saved, token: 'lst_two' });
  });

  it('of one service go to no other', async () => {
    const file = join(folder, 'credentials.json');
    await saveCredentials(file, saved);
    await expect(readCredentials(file, { url: 'https://two.example', token: null })).rejects.toMatchObject({
      code: 'auth.unauthenticated',
    });
    const given = { url: 'https://two.example/path', token: 'lst_two' };
    expect(await readCredentials(file, given)).toEqual({ url: 'https://two.example', token: 'lst_two' });
  });

  it('that are missing or damaged are told without what the file holds', async () => {
    const file = join(folder, 'credentials.json');
    await expect(readCredentials(file, nothing)).rejects.toMatchObject({ code: 'auth.unauthenticated' });
    await writeFile(file, '{"token": "lst_secret');
    await expect(readCredentials(file, nothing)).rejects.toThrow(/damaged/);
    await expect(readCredentials(file, nothing)).rejects.not.toThrow(/lst_secret/);
  });
});

describe('address of a service', () => {
  it('is an origin of HTTP', () => {
    expect(serviceOrigin('http://127.0.0.1:3000/x?y')).toBe('http://127.0.0.1:3000');
    for (const wrong of ['', 'host', 'file:///etc', 'host:3000'])
      expect(() => serviceOrigin(wrong)).toThrow(/address of a service/);
  });

  it('is told where what is sent can be read', () => {
    expect(isReadableOnTheWay('http://10.0.0.1:3000')).toBe(true);
    for (const safe of ['http://127.0.0.1:3000', 'http://localhost', 'http://[::1]:80', 'https://host'])
      expect(isReadableOnTheWay(safe)).toBe(false);
  });
});
