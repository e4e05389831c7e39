import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { PNG } from 'pngjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { specForDouble } from '../../../engine/test/session-double.mjs';
import { readImages } from './images.js';
import { normalise } from './normalise.js';

let folder: string;
const spec = specForDouble();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-images-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const idx = (count: number): Buffer =>
  Buffer.concat([
    Buffer.from([0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 2, 0, 0, 0, 2]),
    Buffer.from(Array.from({ length: 4 * count }, (_, index) => index)),
  ]);

async function file(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

function png(width: number, height: number, pixel: readonly number[]): Buffer {
  const image = new PNG({ width, height });
  for (let index = 0; index < width * height; index++) image.data.set(pixel, 4 * index);
  return PNG.sync.write(image);
}

describe('images to predict', () => {
  it('reads IDX, zipped or not, with a name for each image', async () => {
    for (const path of [await file('a.idx', idx(2)), await file('a.idx.gz', gzipSync(idx(2)))]) {
      const images = await readImages(path, spec);
      expect(images.names).toHaveLength(2);
      expect(images.names[1]).toMatch(/\[1\]$/);
      expect([...images.samples]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    }
  });

  it('turns colour into grey for a model of one channel, and keeps channels for one of three', async () => {
    const path = await file('red.png', png(2, 2, [255, 0, 0, 255]));
    expect([...(await readImages(path, spec)).samples]).toEqual([76, 76, 76, 76]);
    const colour = specForDouble({ data: { sampleShape: [3, 2, 2] } });
    expect([...(await readImages(path, colour)).samples]).toEqual([255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('refuses another size, a missing file and a broken file, each with what to do', async () => {
    const large = await file('large.png', png(3, 2, [0, 0, 0, 255]));
    await expect(readImages(large, spec)).rejects.toThrow(/expected images of shape \[1, 2, 2\].*got \[1, 2, 3\]/);
    await expect(readImages(join(folder, 'none.png'), spec)).rejects.toMatchObject({ code: 'bad-input.image' });
    const broken = await file('broken.png', png(2, 2, [0, 0, 0, 255]).subarray(0, 40));
    await expect(readImages(broken, spec)).rejects.toMatchObject({ code: 'data.corrupt' });
    const short = await file('short.idx', idx(2).subarray(0, 20));
    await expect(readImages(short, spec)).rejects.toMatchObject({ code: 'data.corrupt' });
    await expect(
      readImages(await file('tiny.png', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')), spec),
    ).rejects.toMatchObject({
      code: 'data.corrupt',
    });
  });

  it('normalises each channel as training does', () => {
    const twoChannels = specForDouble({ input: { mean: [0, 0.5], std: [1, 0.25] }, data: { sampleShape: [2, 1, 1] } });
    expect([...normalise(Float32Array.of(255, 255, 0, 127.5), 2, twoChannels)]).toEqual([1, 2, 0, 0]);
  });
});
