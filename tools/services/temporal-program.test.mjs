import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchOfficial, officialCli } from './temporal-program.mjs';

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-temporal-program-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The bytes of an archive as the official one is packed, with a program that says hello. */
function archive() {
  writeFileSync(join(folder, 'temporal'), '#!/bin/sh\necho temporal version 0\n', { mode: 0o755 });
  const { status } = spawnSync('tar', ['-czf', 'archive.tar.gz', 'temporal'], { cwd: folder });
  expect(status).toBe(0);
  return readFileSync(join(folder, 'archive.tar.gz'));
}

const program = () => join(folder, 'cache', 'cli', 'temporal');
const left = () => (existsSync(join(folder, 'cache')) ? readdirSync(join(folder, 'cache')) : []);
const pinnedTo = (bytes) => ({ ...officialCli, sha256: createHash('sha256').update(bytes).digest('hex') });

describe('the official Temporal program', () => {
  it('is unpacked where its hash is the pinned one', async () => {
    const bytes = archive();
    const found = await fetchOfficial(program(), { download: async () => new Response(bytes), cli: pinnedTo(bytes) });
    expect(found).toBe(true);
    expect(existsSync(program())).toBe(true);
    expect(left()).toEqual(['cli']);
  });

  it('is refused where it is another file', async () => {
    const bytes = archive();
    expect(await fetchOfficial(program(), { download: async () => new Response(bytes) })).toBe(false);
    expect(left()).toEqual([]);
  });

  it('is done without where the machine is offline, or something else answers', async () => {
    const offline = async () => {
      throw new TypeError('fetch failed');
    };
    const refused = async () => new Response('go away', { status: 403 });
    expect(await fetchOfficial(program(), { download: offline })).toBe(false);
    expect(await fetchOfficial(program(), { download: refused })).toBe(false);
    expect(left()).toEqual([]);
  });
});
