import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { removePostgres, stopPostgres } from './postgres.mjs';

const folder = mkdtempSync(join(tmpdir(), 'lockstep-postgres-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('makes nothing where a server is stopped or removed that was never started', async () => {
  const elsewhere = () => readdirSync('/var/tmp').filter((name) => name.startsWith('lockstep-postgres-'));
  const before = elsewhere();
  const absent = join(folder, 'absent');
  await stopPostgres(absent);
  await removePostgres(absent);
  expect(existsSync(absent)).toBe(false);
  expect(elsewhere()).toEqual(before);
});
