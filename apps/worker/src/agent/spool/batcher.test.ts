import type { BatchBody } from '@lockstep/contracts';
import { describe, expect, it } from 'vitest';
import { Batcher } from './batcher.js';

function batcher() {
  const written: BatchBody[] = [];
  const made = new Batcher({
    generation: 3,
    source: 'g3-rank-0',
    write: async (body) => void written.push(body),
    onProblem: (error) => {
      throw error;
    },
  });
  return { made, written };
}

describe('a batcher', () => {
  it('puts the points of a series together and numbers batches from 0', async () => {
    const { made, written } = batcher();
    made.point('train/loss', 1, 0.5);
    made.point('train/loss', 2, Number.NaN);
    made.point('val/loss', 2, Number.NEGATIVE_INFINITY);
    await made.flush();
    made.event({ time: '2026-01-01T00:00:00.000Z', kind: 'epoch' });
    await made.flush();
    await made.flush();
    expect(written.map(({ sequence, points }) => [sequence, points])).toEqual([
      [
        0,
        [
          { name: 'train/loss', labels: {}, steps: [1, 2], values: [0.5, 'NaN'] },
          { name: 'val/loss', labels: {}, steps: [2], values: ['-Infinity'] },
        ],
      ],
      [1, []],
    ]);
  });

  it('writes by itself when it is full', async () => {
    const { made, written } = batcher();
    for (let step = 0; step < 1200; step++) made.point('train/loss', step, 0);
    await made.flush();
    expect(written.map(({ points }) => points?.[0]?.steps.length)).toEqual([500, 500, 200]);
  });
});
