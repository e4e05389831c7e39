import { readFile, truncate, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { createSession } from '../../src/native-entry.js';
import { withGroup } from './run-session.js';
import { namedCases } from './session-cases.js';
import { type SessionData, writeSessionData } from './session-data.js';

async function withData(use: (data: SessionData) => Promise<void>): Promise<void> {
  const data = await writeSessionData(namedCases.lenet.data);
  try {
    await use(data);
  } finally {
    await data.remove();
  }
}

const open = (
  data: SessionData,
  shards: { trainShard?: typeof data.train; validationShard?: typeof data.train } = {},
) =>
  createSession({
    spec: data.resolve(namedCases.lenet.spec),
    trainShard: data.train,
    validationShard: data.validation,
    rank: 0,
    worldSize: 1,
    threads: 1,
    communicator: null,
    ...shards,
  });

it.each([4, -1, 2 ** 31 - 1])('a label of %d names its sample', (label) =>
  withData(async (data) => {
    const file = await readFile(data.train.path);
    file.writeInt32LE(label, data.train.header.labels.offset + 77 * 4);
    await writeFile(data.train.path, file);
    await withGroup(data, data.resolve(namedCases.lenet.spec), { threads: 2 }, async (group) => {
      const failure = await group.train(0, 7).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'data.label-out-of-range' });
      expect(String(failure)).toContain(`sample 77 has label ${label}, expected 0 to 3`);
      // The session lives: evaluation reads other samples.
      expect((await group.evaluate(0, 1)).samples).toBe(16);
    });
  }),
);

it('a shard that is shorter than its header says is refused', () =>
  withData(async (data) => {
    const { size } = { size: (await readFile(data.train.path)).length };
    for (const length of [size - 1, data.train.header.labels.offset, data.train.header.samples.offset + 5, 0]) {
      await truncate(data.train.path, length);
      await expect(open(data)).rejects.toMatchObject({ code: 'data.corrupt' });
    }
  }));

it('a shard that is not there is named', () =>
  withData(async (data) => {
    const gone = { ...data.train, path: `${data.train.path}.gone` };
    await expect(open(data, { trainShard: gone })).rejects.toMatchObject({
      code: 'data.unreadable',
      message: expect.stringContaining(gone.path),
    });
    const folder = { ...data.train, path: data.folder };
    await expect(open(data, { trainShard: folder })).rejects.toMatchObject({ code: 'data.unreadable' });
  }));

it('a shard of other samples than the model reads is refused', () =>
  withData(async (data) => {
    const header = { ...data.train.header, shape: [1, 12, 11] };
    await expect(open(data, { trainShard: { ...data.train, header } })).rejects.toMatchObject({
      code: 'data.shape-mismatch',
    });
  }));

it('offsets that no file has are refused', () =>
  withData(async (data) => {
    const { header } = data.train;
    for (const samples of [
      { ...header.samples, offset: 2 ** 52 },
      { ...header.samples, offset: header.samples.offset + 10_000_000 },
    ]) {
      await expect(open(data, { trainShard: { ...data.train, header: { ...header, samples } } })).rejects.toMatchObject(
        {
          code: 'data.corrupt',
        },
      );
    }
    await expect(
      open(data, { trainShard: { ...data.train, header: { ...header, count: 2 ** 40 } } }),
    ).rejects.toMatchObject({
      code: 'data.corrupt',
    });
  }));
