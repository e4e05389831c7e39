import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blobKey, FolderBlobStore } from './blob-store.js';

let folder: string;
let store: FolderBlobStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'blobs-'));
  store = new FolderBlobStore(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const bodyOf = (...parts: string[]): ReadableStream<Uint8Array> =>
  new Blob(parts).stream() as unknown as ReadableStream<Uint8Array>;
const leftovers = (): string[] => readdirSync(join(folder, 'incoming'));

describe('blobs', () => {
  it('come back as they were, whole and in part', async () => {
    const key = blobKey('org_1', sha256('hello world'));
    expect(await store.has(key)).toBe(false);
    expect(await store.put(key, sha256('hello world'), bodyOf('hello', ' world'), 100)).toBe(11);
    expect(await store.has(key)).toBe(true);
    expect(await new Response(store.open(key)).text()).toBe('hello world');
    expect(await new Response(store.open(key, { start: 6, end: 8 })).text()).toBe('wor');
    expect(leftovers()).toEqual([]);
  });

  it('may be empty', async () => {
    expect(await store.put(blobKey('org_1', sha256('')), sha256(''), null, 100)).toBe(0);
  });

  it('with another hash than their name leave nothing', async () => {
    const key = blobKey('org_1', sha256('right'));
    await expect(store.put(key, sha256('right'), bodyOf('wrong'), 100)).rejects.toMatchObject({ code: 'data.corrupt' });
    expect(await store.has(key)).toBe(false);
    expect(leftovers()).toEqual([]);
  });

  it('that are too large, or break off, leave nothing', async () => {
    const key = blobKey('org_1', sha256('x'.repeat(200)));
    const tooLarge = store.put(key, sha256('x'.repeat(200)), bodyOf('x'.repeat(200)), 100);
    await expect(tooLarge).rejects.toMatchObject({ code: 'bad-input.too-large' });
    const broken = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error('gone')) });
    await expect(store.put(key, sha256('x'), broken, 100)).rejects.toThrow('gone');
    expect(await store.has(key)).toBe(false);
    expect(leftovers()).toEqual([]);
  });
});
