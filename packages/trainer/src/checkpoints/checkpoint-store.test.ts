import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, open, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isLockstepError } from '@lockstep/contracts';
import { type StateTensor, stateDigest, weightsDigest } from '@lockstep/engine/train';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CheckpointDisk, nodeDisk } from './checkpoint-disk.js';
import { CheckpointStore } from './checkpoint-store.js';
import type { CheckpointContent } from './write-checkpoint.js';

let runDir: string;
let store: CheckpointStore;

beforeEach(async () => {
  runDir = await mkdtemp(join(tmpdir(), 'lockstep-run-'));
  store = new CheckpointStore(runDir);
});

afterEach(async () => {
  await rm(runDir, { recursive: true, force: true });
});

function tensorsAt(step: number, elements = 6): StateTensor[] {
  const fill = (value: number): Float32Array => new Float32Array(elements).fill(value);
  return [
    { name: 'linear1.weight', shape: [elements], data: fill(step + 0.5) },
    { name: 'bn1.runningMean', shape: [1], data: Float32Array.of(-0) },
    { name: 'optimizer/linear1.weight/momentum', shape: [elements], data: fill(-step) },
  ];
}

function at(step: number, changes: Partial<CheckpointContent> = {}): CheckpointContent {
  const tensors = changes.tensors ?? tensorsAt(step);
  const trainState = { step, sums: { lossSum: 0.1, zero: -0 }, best: null };
  const digests = { weights: weightsDigest(tensors), state: stateDigest(tensors, trainState) };
  return { step, generation: 1, sequence: 0, epoch: 2, tensors, trainState, digests, ...changes };
}

async function steps(from = store): Promise<number[]> {
  return (await from.list()).map(({ step }) => step);
}

async function failure(promise: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error = await promise.then(
    () => new Error('expected a failure'),
    (reason: unknown) => reason,
  );
  if (!isLockstepError(error)) throw error;
  return { code: error.code, message: error.message };
}

/** Until the last tensor file of a checkpoint that is being written is there. */
async function untilTensorsIn(folder: string): Promise<void> {
  const names = (): Promise<string[]> => readdir(folder).catch(() => []);
  while (!(await names()).includes('optimizer.safetensors')) await new Promise(setImmediate);
}

async function flip(path: string, position: number): Promise<void> {
  const bytes = await readFile(path);
  const index = position < 0 ? bytes.length + position : position;
  bytes[index] = (bytes[index] as number) ^ 4;
  await writeFile(path, bytes);
}

describe('CheckpointStore', () => {
  test('gives back what was written, bit for bit', async () => {
    const content = at(7, { generation: 3, sequence: 2, best: true });
    const path = await store.write(content);
    expect(path).toBe(join(runDir, 'checkpoints', 'step-000000007-g3-s2'));
    expect((await readdir(path)).sort()).toEqual(['manifest.json', 'model.safetensors', 'optimizer.safetensors']);
    const read = await store.read(path);
    expect(read).toMatchObject({
      path,
      step: 7,
      generation: 3,
      sequence: 2,
      epoch: 2,
      best: true,
      digests: content.digests,
    });
    expect(stateDigest(read.tensors, read.trainState)).toBe(content.digests.state);
    expect((await store.latestValid()).checkpoint?.path).toBe(path);
  });

  test('a run without checkpoints has none, and no problems', async () => {
    expect(await store.latestValid()).toEqual({ checkpoint: null, problems: [] });
    expect(await store.list()).toEqual([]);
    await store.prune(1, 1);
  });

  test('the newest is the one of the largest step, then generation, sequence and attempt', async () => {
    await store.write(at(1_000_000_000));
    await store.write(at(999_999_999, { generation: 20 }));
    await store.write(at(999_999_999, { generation: 3 }));
    const again = await store.write(at(999_999_999, { generation: 20 }));
    expect(again).toMatch(/step-999999999-g20-s0-2$/);
    const listed = await store.list();
    expect(listed.map(({ step, generation }) => [step, generation])).toEqual([
      [1_000_000_000, 1],
      [999_999_999, 20],
      [999_999_999, 20],
      [999_999_999, 3],
    ]);
    expect(listed[1]?.path).toBe(again);
  });

  test('the manifest waits for agreement; without it nothing stays', async () => {
    let agree = (): void => undefined;
    const agreed = new Promise<void>((resolve) => {
      agree = resolve;
    });
    const writing = store.write(at(1, { agreed }));
    // The tensor files appear, the manifest does not.
    const folder = join(runDir, 'checkpoints', 'step-000000001-g1-s0');
    await untilTensorsIn(folder);
    expect(await store.list()).toEqual([]);
    await store.prune(1, 0);
    agree();
    await writing;
    expect(await steps()).toEqual([1]);

    await expect(store.write(at(2, { agreed: Promise.reject(new Error('digests differ')) }))).rejects.toThrow('differ');
    expect(await readdir(store.path)).toHaveLength(1);
  });

  test('leaves the event loop free while it writes', async () => {
    const tensors = [{ name: 'w', shape: [2 ** 23], data: new Float32Array(2 ** 23) }]; // 32 MiB
    let turns = 0;
    let running = true;
    const count = (): void => {
      turns++;
      if (running) setImmediate(count);
    };
    setImmediate(count);
    await store.write(at(1, { tensors }));
    running = false;
    expect(turns).toBeGreaterThan(32); // at least one between two slices of a mebibyte
  });
});

describe('damaged checkpoints', () => {
  const damages: [string, (path: string) => Promise<void>, RegExp][] = [
    [
      'truncated weights',
      (p) => truncate(join(p, 'model.safetensors'), 100),
      /model.safetensors to have \d+ bytes, got 100: it is cut short/,
    ],
    ['grown weights', (p) => writeFile(join(p, 'model.safetensors'), 'x', { flag: 'a' }), /it has grown/],
    ['a flipped bit in the weights', (p) => flip(join(p, 'model.safetensors'), -3), /model.safetensors with SHA-256/],
    [
      'a flipped bit in the optimizer',
      (p) => flip(join(p, 'optimizer.safetensors'), 30),
      /optimizer.safetensors with SHA-256/,
    ],
    [
      'a missing file',
      (p) => rm(join(p, 'optimizer.safetensors')),
      /expected the file optimizer.safetensors, found none/,
    ],
    [
      'a missing manifest',
      (p) => rm(join(p, 'manifest.json')),
      /expected manifest.json in a checkpoint folder, found none/,
    ],
    ['an empty manifest', (p) => truncate(join(p, 'manifest.json'), 0), /text that does not parse/],
    ['a changed manifest', (p) => replaceIn(p, '"epoch":2', '"epoch":3'), /its content was changed/],
    [
      'a manifest from the future',
      (p) => replaceIn(p, 'checkpoint/1', 'checkpoint/2'),
      /lockstep-checkpoint\/2; it was written by another version/,
    ],
  ];

  async function replaceIn(path: string, from: string, to: string): Promise<void> {
    const text = await readFile(join(path, 'manifest.json'), 'utf8');
    expect(text).toContain(from);
    await writeFile(join(path, 'manifest.json'), text.replace(from, to));
  }

  test.each(damages)('%s: the one before is taken, with a reason; reading it is refused', async (_, damage, reason) => {
    await store.write(at(1));
    const newest = await store.write(at(2));
    await damage(newest);
    const { checkpoint, problems } = await store.latestValid();
    expect(checkpoint?.step).toBe(1);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(newest);
    expect(problems[0]).toMatch(reason);
    const { code, message } = await failure(store.read(newest));
    expect(code).toMatch(/^data\.checkpoint-(damaged|incomplete|newer)$/);
    expect(message).toMatch(reason);
  });

  test('every flipped byte of a manifest is found', async () => {
    const path = await store.write(at(1));
    const manifest = join(path, 'manifest.json');
    const good = await readFile(manifest);
    for (let i = 0; i < good.length - 1; i++) {
      await flip(manifest, i);
      const { checkpoint } = await store.latestValid();
      if (checkpoint) throw new Error(`byte ${i} was changed and not noticed`);
      await writeFile(manifest, good);
    }
    expect((await store.latestValid()).checkpoint?.step).toBe(1);
  });

  test('files of two checkpoints do not pass as one', async () => {
    const one = await store.write(at(1));
    const tensors = tensorsAt(1).map((t) => ({ ...t, data: t.data.slice().fill(9) }));
    const mixed = await store.write(at(2, { tensors, digests: at(1).digests }));
    expect((await failure(store.read(mixed))).message).toMatch('do not belong together');
    expect((await store.read(one)).step).toBe(1);
  });

  test('none valid: null and every reason', async () => {
    for (const step of [1, 2]) await rm(join(await store.write(at(step)), 'model.safetensors'));
    const { checkpoint, problems } = await store.latestValid();
    expect(checkpoint).toBeNull();
    expect(problems).toHaveLength(2);
  });

  test('what a generation left half-written is discarded, and nothing else', async () => {
    const older = await store.write(at(1));
    for (const generation of [1, 2]) await rm(join(await store.write(at(2, { generation })), 'manifest.json'));
    await store.write(at(3, { generation: 2 }));
    await store.discardUnfinished(2);
    expect(await readdir(store.path)).toEqual(['step-000000001-g1-s0', 'step-000000002-g1-s0', 'step-000000003-g2-s0']);
    expect((await store.read(older)).step).toBe(1);
  });

  test('the best is the newest taken as best that verifies, or else the newest', async () => {
    await store.write(at(1, { best: true }));
    const best = await store.write(at(2, { best: true }));
    await store.write(at(3));
    expect((await store.bestValid()).checkpoint?.step).toBe(2);
    await flip(join(best, 'model.safetensors'), -1);
    const { checkpoint, problems } = await store.bestValid();
    expect(checkpoint?.step).toBe(1);
    expect(problems).toHaveLength(1);
    await rm(join(store.path, 'step-000000001-g1-s0'), { recursive: true });
    expect((await store.bestValid()).checkpoint?.step).toBe(3);
  });

  test('a folder that is no checkpoint is named as such', async () => {
    expect((await failure(store.read(join(runDir, 'nothing')))).code).toBe('data.checkpoint-incomplete');
  });
});

describe('prune', () => {
  test('keeps the newest, and the newest of the best', async () => {
    for (const step of [1, 2, 3, 4, 5, 6]) await store.write(at(step, { best: step === 1 || step === 3 }));
    await store.prune(2, 1);
    expect(await steps()).toEqual([6, 5, 3]);
    await store.prune(1, 0);
    expect(await steps()).toEqual([6]);
    await store.prune(0, 0);
    expect(await steps()).toEqual([6]);
  });

  test('a damaged one that the run fell back from takes no place of a good one', async () => {
    await store.write(at(1, { best: true }));
    const damaged = await store.write(at(3, { best: true }));
    await truncate(join(damaged, 'model.safetensors'), 5);
    const written = await store.write(at(2, { generation: 2 }));
    await store.prune(1, 1, written);
    expect((await store.latestValid()).checkpoint?.step).toBe(2);
    expect((await store.bestValid()).checkpoint?.step).toBe(1);
  });

  test('removes older halves and damaged ones, not those of another format, not strangers', async () => {
    const [half, damaged, future] = [await store.write(at(1)), await store.write(at(2)), await store.write(at(3))];
    await store.write(at(4));
    await rm(join(half, 'manifest.json'));
    await truncate(join(damaged, 'manifest.json'), 5);
    const text = await readFile(join(future, 'manifest.json'), 'utf8');
    await writeFile(join(future, 'manifest.json'), text.replace('checkpoint/1', 'checkpoint/9'));
    await mkdir(join(store.path, 'notes'));
    const newerHalf = await store.write(at(5));
    await rm(join(newerHalf, 'manifest.json'));
    await store.prune(1, 0);
    expect((await readdir(store.path)).sort()).toEqual([
      'notes',
      'step-000000003-g1-s0',
      'step-000000004-g1-s0',
      'step-000000005-g1-s0',
    ]);
  });
});

/** A disk that fails at the n-th call of any kind (counted from 0), with the system's error. */
function failingDisk(at: number, code: string): { disk: CheckpointDisk; calls: () => number } {
  let calls = 0;
  const gate = (): void => {
    if (calls++ === at) throw Object.assign(new Error(`${code}: injected`), { code });
  };
  const guard = <A extends unknown[], R>(work: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      gate();
      return work(...args);
    };
  };
  const disk: CheckpointDisk = {
    ...nodeDisk,
    makeFolders: guard(nodeDisk.makeFolders),
    makeFolder: guard(nodeDisk.makeFolder),
    rename: guard(nodeDisk.rename),
    syncFolder: guard(nodeDisk.syncFolder),
    createFile: guard(async (path: string) => {
      const file = await nodeDisk.createFile(path);
      return { write: guard(file.write), sync: guard(file.sync), close: file.close };
    }),
  };
  return { disk, calls: () => calls };
}

describe('a disk that fails', () => {
  test('a failure at any moment leaves the checkpoint before, and the next try works', async () => {
    const counter = failingDisk(-1, 'EIO');
    await new CheckpointStore(join(runDir, 'dry'), counter.disk).write(at(1));
    expect(counter.calls()).toBeGreaterThan(10);
    for (let call = 0; call < counter.calls(); call++) {
      for (const code of ['ENOSPC', 'EIO']) {
        const dir = join(runDir, `${code}-${call}`);
        await new CheckpointStore(dir).write(at(1));
        const { disk } = failingDisk(call, code);
        const failing = new CheckpointStore(dir, disk);
        const { code: kind } = await failure(failing.write(at(2)));
        expect(kind).toBe(code === 'ENOSPC' ? 'infrastructure.disk-full' : 'infrastructure.disk');
        expect((await failing.latestValid()).checkpoint?.step).toBe(1);
        await failing.write(at(2));
        expect((await failing.latestValid()).checkpoint?.step).toBe(2);
      }
    }
  });

  test('a process that ends at any moment leaves the checkpoint before', async () => {
    const counter = failingDisk(-1, 'EIO');
    await new CheckpointStore(join(runDir, 'dry'), counter.disk).write(at(1));
    for (let call = 0; call < counter.calls(); call++) {
      const dir = join(runDir, `end-${call}`);
      await new CheckpointStore(dir).write(at(1));
      const { disk } = failingDisk(call, 'EIO');
      await failure(new CheckpointStore(dir, { ...disk, remove: async () => undefined }).write(at(2))); // no cleaning up
      const after = new CheckpointStore(dir);
      const step = (await after.latestValid()).checkpoint?.step;
      // Only the last flush comes after the manifest is in place.
      expect(step).toBe(call === counter.calls() - 1 ? 2 : 1);
      await after.write(at(3));
      await after.prune(2, 0);
      expect((await after.latestValid()).checkpoint?.step).toBe(3);
    }
  });

  test('a full disk: a clear error, the checkpoint before is good, and freed space helps', async () => {
    const full = await fullDisk();
    try {
      const small = new CheckpointStore(full.folder);
      await small.write(at(1));
      const big = new CheckpointStore(full.folder, full.disk);
      const content = at(2, { tensors: tensorsAt(2, 600_000) });
      const { code, message } = await failure(big.write(content));
      expect(code).toBe('infrastructure.disk-full');
      expect(message).toMatch(
        /expected 4800004 bytes for the checkpoint of step 2, but the disk .* is full; free some space/,
      );
      expect(await readdir(small.path)).toEqual(['step-000000001-g1-s0']);
      expect((await small.latestValid()).checkpoint?.step).toBe(1);
      await small.write(at(3));
      expect((await small.latestValid()).checkpoint?.step).toBe(3);
    } finally {
      await full.free();
    }
  });

  /** A file system of one mebibyte where mounting is allowed; elsewhere the kernel's device that is always full. */
  async function fullDisk(): Promise<{ folder: string; disk: CheckpointDisk; free: () => Promise<void> }> {
    const run = (command: string, ...args: string[]): unknown => execFileSync(command, args, { stdio: 'ignore' });
    const folder = join(runDir, 'tiny');
    await mkdir(folder);
    try {
      run('mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder);
      return {
        folder,
        disk: nodeDisk,
        free: async () => {
          run('umount', folder);
        },
      };
    } catch {
      const createFile: CheckpointDisk['createFile'] = async () => {
        const handle = await open('/dev/full', 'w');
        return {
          write: async (bytes) => {
            await handle.write(bytes);
          },
          sync: async () => undefined,
          close: () => handle.close(),
        };
      };
      return { folder, disk: { ...nodeDisk, createFile }, free: async () => undefined };
    }
  }

  test('a folder that may not be written: a clear error, the checkpoint before is good', async () => {
    await store.write(at(1));
    await chmod(store.path, 0o555);
    await chmod(runDir, 0o755);
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(65534); // root may write everywhere
    let outcome: { code: string; message: string };
    try {
      outcome = await failure(store.write(at(2)));
    } finally {
      if (isRoot) process.seteuid?.(0);
      await chmod(store.path, 0o755);
    }
    expect(outcome.code).toBe('infrastructure.disk-denied');
    expect(outcome.message).toMatch(/checkpoints: while writing checkpoint step-000000002-g1-s0 .*refused \(EACCES\)/);
    expect((await store.latestValid()).checkpoint?.step).toBe(1);
  });

  test('a checkpoint that another process pulled away while it was written is an error, not a checkpoint', async () => {
    const agreed = (async () => {
      const folder = join(store.path, 'step-000000002-g1-s0');
      await untilTensorsIn(folder);
      await rename(folder, join(runDir, 'gone'));
    })();
    expect((await failure(store.write(at(2, { agreed })))).code).toBe('infrastructure.disk');
    expect(await store.list()).toEqual([]);
  });
});
