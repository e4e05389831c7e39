import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
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

  it('of a full disk are refused clearly, and leave nothing', async () => {
    // The kernel's own "no space left", from a device that always says so.
    const full = new FolderBlobStore(folder, () => open('/dev/full', 'w'));
    const key = blobKey('org_1', sha256('hello'));
    await expect(full.put(key, sha256('hello'), bodyOf('hello'), 100)).rejects.toMatchObject({
      code: 'infrastructure.disk-full',
      message: 'The disk of the blob storage is full; free some space.',
    });
    expect(await full.has(key)).toBe(false);
    expect(leftovers()).toEqual([]);
    // The same upload goes through once there is space: agents send it again.
    expect(await store.put(key, sha256('hello'), bodyOf('hello'), 100)).toBe(5);
  });

  it('are whole where the disk takes them in parts', async () => {
    const reluctant = new FolderBlobStore(folder, async (...args) => {
      const file = await open(...args);
      const write = file.write.bind(file) as unknown as (
        bytes: Uint8Array,
        from: number,
        length: number,
      ) => Promise<never>;
      file.write = ((bytes: Uint8Array, from = 0) => write(bytes, from, Math.min(3, bytes.length - from))) as never;
      return file;
    });
    const key = blobKey('org_1', sha256('hello world'));
    expect(await reluctant.put(key, sha256('hello world'), bodyOf('hello world'), 100)).toBe(11);
    expect(await new Response(store.open(key)).text()).toBe('hello world');
  });

  it('are removed, also twice, and so is what broken uploads left, once it is old', async () => {
    const key = blobKey('org_1', sha256('hello'));
    await store.put(key, sha256('hello'), bodyOf('hello'), 100);
    await store.remove(key);
    await store.remove(key);
    expect(await store.has(key)).toBe(false);
    writeFileSync(join(folder, 'incoming', 'broken'), 'x');
    expect(await store.removeLeftovers(60_000)).toBe(0);
    expect(leftovers()).toEqual(['broken']);
    utimesSync(join(folder, 'incoming', 'broken'), new Date(0), new Date(0));
    expect(await store.removeLeftovers(60_000)).toBe(1);
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
