import type { TrainCheckpoint } from '@lockstep/engine/train';
import { describe, expect, it } from 'vitest';
import { CheckpointQueue } from './checkpoint-queue.js';

const checkpoint = (sequence: number, reason: TrainCheckpoint['reason']) => ({ sequence, reason }) as TrainCheckpoint;

describe('checkpoint queue', () => {
  it('writes one at a time, and lets a waiting checkpoint that was only due give way to a later one', async () => {
    const written: number[] = [];
    const releases: (() => void)[] = [];
    const queue = new CheckpointQueue(async ({ sequence }) => {
      written.push(sequence);
      await new Promise<void>((release) => releases.push(release));
    });
    const all = Promise.all([
      queue.add(checkpoint(0, 'due')),
      queue.add(checkpoint(1, 'due')),
      queue.add(checkpoint(2, 'best')),
      queue.add(checkpoint(3, 'final')),
    ]);
    for (const expected of [[0], [0, 2], [0, 2, 3]]) {
      expect(written).toEqual(expected);
      releases.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await all;
  });

  it('passes a failure to the one who added it and goes on', async () => {
    const queue = new CheckpointQueue(({ sequence }) =>
      sequence === 0 ? Promise.reject(new Error('full')) : Promise.resolve(),
    );
    const first = queue.add(checkpoint(0, 'due'));
    const second = queue.add(checkpoint(1, 'final'));
    await expect(first).rejects.toThrow('full');
    await expect(second).resolves.toBeUndefined();
  });
});
