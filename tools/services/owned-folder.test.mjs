import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Fixable } from '../lib/phases.mjs';
import { ownFolder } from './owned-folder.mjs';
import { identify, isThere } from './process-identity.mjs';

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-owned-folder-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const owner = `
import { spawn } from 'node:child_process';
import { ownFolder } from ${JSON.stringify(join(import.meta.dirname, 'owned-folder.mjs'))};
const { note } = await ownFolder(process.argv[1]);
const service = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
note({ url: 'http://127.0.0.1:1', pids: [service.pid] });
console.log(service.pid);
setInterval(() => undefined, 1000);
`;

/** A process that owns the folder and has started a service, which outlives it. */
async function otherOwner() {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', owner, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pid = await new Promise((resolve) => child.stdout.once('data', (text) => resolve(Number(text))));
  return { child, service: identify(pid), ended: new Promise((resolve) => child.once('exit', resolve)) };
}

describe('a folder with the data of a platform', () => {
  it('is refused while its owner lives, with its address', async () => {
    const { child, ended, service } = await otherOwner();
    const refused = await ownFolder(folder).catch((error) => error);
    child.kill('SIGKILL');
    await ended;
    process.kill(service.pid, 'SIGKILL');
    expect(refused).toBeInstanceOf(Fixable);
    expect(refused.message).toContain('http://127.0.0.1:1');
  });

  it('is taken over after a SIGKILL, and what was left running has ended', async () => {
    const { child, ended, service } = await otherOwner();
    child.kill('SIGKILL');
    await ended;
    expect(isThere(service)).toBe(true);
    let hadLeftovers = false;
    const { release } = await ownFolder(folder, () => {
      hadLeftovers = true;
    });
    expect([hadLeftovers, isThere(service)]).toEqual([true, false]);
    release();
  });
});
