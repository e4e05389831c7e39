import { chmod, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { isLockstepError } from '@lockstep/contracts';
import { parseShard } from '@lockstep/engine/train';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cacheDataset } from './dataset-cache.js';
import { findMnist, type MnistReach, mnistFiles } from './mnist.js';
import { resolveDataset } from './resolve-dataset.js';

let root: string;
let folder: string;
let cacheDir: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lockstep-data-'));
  folder = join(root, 'größe 数据');
  cacheDir = join(root, 'cache');
  await mkdir(folder);
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

function idx(type: number, dimensions: number[], data: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * dimensions.length);
  header[2] = type;
  header[3] = dimensions.length;
  dimensions.forEach((dimension, axis) => {
    header.writeUInt32BE(dimension, 4 + 4 * axis);
  });
  return Buffer.concat([header, data]);
}

const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 37) & 255);

interface Contents {
  'train-images-idx3-ubyte'?: Uint8Array;
  'train-labels-idx1-ubyte'?: Uint8Array;
  't10k-images-idx3-ubyte'?: Uint8Array;
  't10k-labels-idx1-ubyte'?: Uint8Array;
}

async function fill(changes: Contents = {}): Promise<void> {
  const contents: Required<Contents> = {
    'train-images-idx3-ubyte': idx(8, [6, 2, 3], bytes(36)),
    'train-labels-idx1-ubyte': idx(8, [6], Uint8Array.of(0, 1, 2, 3, 1, 0)),
    't10k-images-idx3-ubyte': idx(8, [2, 2, 3], bytes(12)),
    't10k-labels-idx1-ubyte': idx(8, [2], Uint8Array.of(3, 0)),
    ...changes,
  };
  for (const [name, content] of Object.entries(contents)) await writeFile(join(folder, name), content);
}

function resolveHere(classes?: number) {
  const dataset = classes === undefined ? { folder } : { folder, classes };
  return resolveDataset(dataset, { cacheDir, dataDir: null, baseDir: root });
}

async function failure(promise: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error = await promise.then(
    () => new Error('expected a failure'),
    (reason: unknown) => reason,
  );
  if (!isLockstepError(error)) throw error;
  return { code: error.code, message: error.message };
}

describe('a folder of IDX files', () => {
  test('becomes two shards and says what is in them', async () => {
    await fill();
    const { facts, train, validation } = await resolveHere();
    expect(facts).toMatchObject({
      dataset: { kind: 'folder', path: folder },
      trainSamples: 6,
      validationSamples: 2,
      sampleShape: [1, 2, 3],
      classes: 4,
      dtype: 'uint8',
    });
    expect(facts.version).toMatch(/^[0-9a-f]{64}$/);
    const shard = parseShard(await readFile(train.path), 'train');
    expect([...shard.samples]).toEqual([...bytes(36)]);
    expect([...shard.labels]).toEqual([0, 1, 2, 3, 1, 0]);
    expect([...parseShard(await readFile(validation.path), 'validation').labels]).toEqual([3, 0]);
  });

  test('is one version however it is packed and named', async () => {
    await fill();
    const plain = await resolveHere();
    for (const name of await readdir(folder)) {
      const content = await readFile(join(folder, name));
      await rm(join(folder, name));
      await writeFile(join(folder, name.replace('t10k', 'Test').replace('train', 'TRAIN')), gzipSync(content));
    }
    const packed = await resolveDataset({ folder: 'größe 数据' }, { cacheDir, dataDir: null, baseDir: root });
    expect(packed.facts.version).toBe(plain.facts.version);
    expect((await resolveHere(5)).facts.version).not.toBe(plain.facts.version);
  });

  test('takes the unpacked one of two equal names, and refuses two different ones', async () => {
    await fill();
    await writeFile(join(folder, 'train-images-idx3-ubyte.gz'), 'not gzip');
    expect((await resolveHere()).facts.trainSamples).toBe(6);
    await writeFile(join(folder, 'train-images-old'), '');
    expect((await failure(resolveHere())).message).toMatch(
      /one file train-images\*, got train-images-idx3-ubyte, train-images-old/,
    );
  });

  test('keeps channels, turns other types into float32 across pieces of the file', async () => {
    const count = 1000;
    const data = Buffer.alloc(count * 3 * 8 * 8 * 8);
    for (let i = 0; i < count * 192; i++) data.writeDoubleBE(i / 7, 8 * i);
    await fill({
      'train-images-idx3-ubyte': gzipSync(idx(14, [count, 3, 8, 8], data), { level: 1 }),
      'train-labels-idx1-ubyte': idx(12, [count], Buffer.alloc(count * 4, Buffer.of(0, 0, 0, 1))),
      't10k-images-idx3-ubyte': idx(14, [2, 3, 8, 8], data.subarray(0, 2 * 192 * 8)),
      't10k-labels-idx1-ubyte': idx(9, [2], Uint8Array.of(1, 0)),
    });
    const { facts, train } = await resolveHere();
    expect(facts).toMatchObject({ sampleShape: [3, 8, 8], dtype: 'float32', classes: 2 });
    const { samples } = parseShard(await readFile(train.path), 'train');
    expect(samples.length).toBe(192_000);
    expect(samples[191_999]).toBe(Math.fround(191_999 / 7));
  });

  test.each<[string, Contents, RegExp]>([
    [
      'counts that differ',
      { 'train-labels-idx1-ubyte': idx(8, [5], bytes(5)) },
      /6 images in train-images-idx3-ubyte and 5 labels in train-labels-idx1-ubyte/,
    ],
    [
      'a validation label above the classes',
      { 't10k-labels-idx1-ubyte': idx(8, [2], Uint8Array.of(1, 4)) },
      /t10k-labels.*expected labels from 0 to 3 for 4 classes, got 4 for sample 1/,
    ],
    [
      'a negative label',
      { 'train-labels-idx1-ubyte': idx(9, [6], Uint8Array.of(0, 1, 2, 255, 0, 0)) },
      /got -1 for sample 3/,
    ],
    ['one class only', { 'train-labels-idx1-ubyte': idx(8, [6], new Uint8Array(6)) }, /at least 2 classes/],
    [
      'truncated images',
      { 'train-images-idx3-ubyte': idx(8, [6, 2, 3], bytes(35)) },
      /expected 52 bytes.*got 51; the file is cut short/,
    ],
    [
      'images with more than they say',
      { 'train-images-idx3-ubyte': idx(8, [6, 2, 3], bytes(37)) },
      /more than its header says/,
    ],
    ['truncated labels', { 'train-labels-idx1-ubyte': idx(8, [6], bytes(5)) }, /train-labels.*cut short/],
    [
      'truncated gzip',
      { 'train-images-idx3-ubyte': gzipSync(idx(8, [6, 2, 3], bytes(36))).subarray(0, 40) },
      /train-images.*gzip file, but it is cut short/,
    ],
    ['an empty file', { 't10k-images-idx3-ubyte': new Uint8Array(0) }, /at least 4 bytes, got 0/],
    ['labels in place of images', { 'train-images-idx3-ubyte': idx(8, [6], bytes(6)) }, /is this a file of labels\?/],
    [
      'images in place of labels',
      { 'train-labels-idx1-ubyte': idx(8, [6, 2, 3], bytes(36)) },
      /is this a file of images\?/,
    ],
    [
      'huge dimensions in a tiny file',
      {
        'train-images-idx3-ubyte': idx(8, [4000000000, 2, 3], bytes(3)),
        'train-labels-idx1-ubyte': idx(8, [4000000000], bytes(3)),
      },
      /expected \d+ bytes.*got \d+; the file is cut short/,
    ],
    [
      'splits of different shapes',
      { 't10k-images-idx3-ubyte': idx(8, [2, 3, 2], bytes(12)) },
      /uint8 \[1, 2, 3\], got uint8 \[1, 3, 2\]/,
    ],
    [
      'a float that is not a number',
      {
        'train-images-idx3-ubyte': idx(
          13,
          [6, 1, 1],
          Buffer.from('3f8000003f8000007fc000003f8000003f8000003f800000', 'hex'),
        ),
        't10k-images-idx3-ubyte': idx(13, [2, 1, 1], new Uint8Array(8)),
      },
      /expected finite numbers, got NaN in sample 2/,
    ],
  ])('refuses %s, and leaves nothing behind', async (_, changes, message) => {
    await fill(changes);
    const { code, message: text } = await failure(resolveHere());
    expect(text).toMatch(message);
    expect(code).toMatch(/^data\./);
    expect(await readdir(join(cacheDir, 'datasets'))).toEqual([]);
  });

  test('refuses damaged gzip', async () => {
    const packed = gzipSync(idx(8, [6, 2, 3], bytes(36)));
    packed[packed.length - 8] = (packed[packed.length - 8] as number) ^ 1; // the checksum
    await fill({ 'train-images-idx3-ubyte': packed });
    expect(await failure(resolveHere())).toMatchObject({
      code: 'data.corrupt',
      message: expect.stringMatching('damaged'),
    });
  });

  test('names what is missing', async () => {
    expect(await failure(resolveHere())).toMatchObject({
      code: 'bad-input.dataset-folder',
      message: expect.stringMatching(/expected a file train-images\*, got an empty folder/),
    });
    await fill();
    await rm(join(folder, 't10k-labels-idx1-ubyte'));
    expect((await failure(resolveHere())).message).toMatch(/validation-labels\*, got .*; add a validation split/);
    await rm(folder, { recursive: true });
    expect((await failure(resolveHere())).message).toMatch('nothing at this path');
    await writeFile(folder, '');
    expect((await failure(resolveHere())).message).toMatch('got a file');
  });

  test('says so when folder, file or cache may not be used', async () => {
    await fill();
    const asNobody = async (work: () => Promise<unknown>): Promise<{ code: string; message: string }> => {
      const isRoot = process.geteuid?.() === 0;
      if (isRoot) process.seteuid?.(65534); // root may read everything
      try {
        return await failure(work());
      } finally {
        if (isRoot) process.seteuid?.(0);
      }
    };
    await chmod(root, 0o755);
    await chmod(folder, 0o755);
    const inCache = await asNobody(() =>
      resolveDataset({ folder }, { cacheDir: join(folder, 'cache'), dataDir: null, baseDir: root }),
    );
    expect(inCache).toMatchObject({ code: 'infrastructure.disk-denied', message: expect.stringMatching('EACCES') });
    await chmod(join(folder, 'train-images-idx3-ubyte'), 0o000);
    expect((await asNobody(() => resolveHere())).message).toMatch(
      /train-images-idx3-ubyte: expected to be allowed to read it/,
    );
    await chmod(folder, 0o000);
    expect(await asNobody(() => resolveHere())).toMatchObject({
      code: 'data.unreadable',
      message: expect.stringMatching('allowed to read the folder'),
    });
    await chmod(folder, 0o755);
  });

  test('concurrent preparers end with one intact entry', async () => {
    await fill();
    const all = await Promise.all(Array.from({ length: 8 }, () => resolveHere()));
    expect(new Set(all.map(({ train }) => train.path)).size).toBe(1);
    expect(await readdir(join(cacheDir, 'datasets'))).toHaveLength(1);
  });

  test('a damaged entry of the cache is prepared again, with a word about it', async () => {
    await fill();
    const { train } = await resolveHere();
    await truncate(train.path, 100);
    const lines: string[] = [];
    const again = await resolveDataset(
      { folder },
      { cacheDir, dataDir: null, baseDir: root, log: (line) => lines.push(line) },
    );
    expect(again.train.path).toBe(train.path);
    expect(parseShard(await readFile(train.path), 'train').labels.length).toBe(6);
    expect(lines.join('\n')).toMatch(/damaged.*\(preparing the dataset again\)/);
  });

  test('a full disk while preparing is a clear error', async () => {
    const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });
    const promise = cacheDataset(
      cacheDir,
      'a'.repeat(64),
      () => Promise.reject(full),
      () => undefined,
    );
    expect(await failure(promise)).toMatchObject({ code: 'infrastructure.disk-full' });
    expect(await readdir(join(cacheDir, 'datasets'))).toEqual([]);
  });
});

describe('sample datasets', () => {
  test('an unknown name gets a suggestion', async () => {
    const promise = resolveDataset('mnits', { cacheDir, dataDir: null, baseDir: root });
    expect(await failure(promise)).toMatchObject({
      code: 'bad-input.unknown-dataset',
      message: expect.stringMatching('did you mean "mnist"'),
    });
  });

  test('when nothing reaches MNIST, the error lists what was tried and the ways out', async () => {
    const asked: string[] = [];
    const reach: MnistReach = {
      goModuleFolder: () => Promise.reject(new Error('the command `go` is not installed')),
      fetch: (address) => {
        asked.push(address);
        return Promise.resolve(new Response('gone', { status: 404 }));
      },
    };
    const { code, message } = await failure(findMnist({ dataDir: root, cacheDir, log: () => undefined }, reach));
    expect(code).toBe('data.unreachable');
    expect(message).toMatch(
      /LOCKSTEP_DATA_DIR: .*is not there; cache: .*; Go module: .*not installed; official address: .*404/,
    );
    expect(message).toMatch(/\(1\).*\(2\).*\(3\)/s);
    expect(asked).toHaveLength(1);
  });

  test('a download that is not the published file is refused', async () => {
    const reach: MnistReach = {
      goModuleFolder: async () => root,
      fetch: (address) => {
        const file = Object.values(mnistFiles).find(({ name }) => address.endsWith(name));
        return Promise.resolve(new Response(new Uint8Array(file?.bytes ?? 0)));
      },
    };
    const { message } = await failure(findMnist({ dataDir: null, cacheDir, log: () => undefined }, reach));
    expect(message).toMatch(/official address: .*expected SHA-256 440fcabf/);
    const endless: MnistReach = { ...reach, fetch: async () => new Response(new Uint8Array(10_000_000)) };
    const sent = await failure(
      findMnist({ dataDir: null, cacheDir: join(root, 'other'), log: () => undefined }, endless),
    );
    expect(sent.message).toMatch('the server sent more');
  });
});
