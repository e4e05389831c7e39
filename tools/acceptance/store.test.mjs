import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Store } from './store.mjs';

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-store-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('Store', () => {
  it('does work once, also over processes', async () => {
    const file = join(folder, 'deep', 'state.json');
    expect(await new Store(file, 'a').once('x', async () => ({ seen: 1 }))).toEqual({ seen: 1 });
    expect(await new Store(file, 'a').once('x', async () => ({ seen: 2 }))).toEqual({ seen: 1 });
  });

  it('starts empty for another build and after a torn file', async () => {
    const file = join(folder, 'state.json');
    await new Store(file, 'a').once('x', async () => 1);
    expect(new Store(file, 'b').get('x')).toBeUndefined();
    writeFileSync(file, '{"build":"a","res');
    expect(new Store(file, 'a').get('x')).toBeUndefined();
  });

  it('forgets a key with what is below it, and nothing else', async () => {
    const store = new Store(join(folder, 'state.json'), 'a');
    for (const key of ['kill', 'kill/1', 'killing', 'resume/1']) store.set(key, true);
    store.forget('kill');
    expect(Object.keys(store.results)).toEqual(['killing', 'resume/1']);
  });
});
