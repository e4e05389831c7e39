import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeRunLock } from './run-lock.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('run lock', () => {
  it('is refused while its holder lives, and free after it was released', async () => {
    const path = join(folder, 'run.lock');
    const lock = await takeRunLock(path);
    await expect(takeRunLock(path)).rejects.toMatchObject({ code: 'bad-input.run-busy' });
    await lock.release();
    await (await takeRunLock(path)).release();
    expect(await readdir(folder)).toEqual([]);
  });

  it('is taken over from a process that is gone, also when its id lives again', async () => {
    const path = join(folder, 'run.lock');
    for (const stale of ['999999999 12\n', `${process.pid} 1\n`, '']) {
      await writeFile(path, stale);
      await (await takeRunLock(path)).release();
    }
  });
});
