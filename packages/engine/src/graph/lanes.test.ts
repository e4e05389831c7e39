import { describe, expect, it } from 'vitest';
import { defaultLanes, isPowerOfTwo, laneBounds } from './lanes.js';

const batches = [...Array.from({ length: 300 }, (_, index) => index), 1000, 4095, 65535, 65536];
const laneCounts = [1, 2, 4, 8, 16, 64, 1024];

describe('laneBounds', () => {
  it('covers every sample exactly once, in order', () => {
    for (const lanes of laneCounts) {
      for (const batch of batches) {
        let next = 0;
        for (let lane = 0; lane < lanes; lane += 1) {
          const { begin, end } = laneBounds(lane, lanes, batch);
          if (begin !== next || end < begin)
            expect.fail(`lane ${lane} of ${lanes}, batch ${batch}: [${begin}, ${end})`);
          next = end;
        }
        expect(next).toBe(batch);
      }
    }
  });

  it('gives every lane floor or ceil of its share', () => {
    for (const lanes of laneCounts) {
      for (const batch of batches) {
        for (let lane = 0; lane < lanes; lane += 1) {
          const { begin, end } = laneBounds(lane, lanes, batch);
          const size = end - begin;
          if (size !== Math.floor(batch / lanes) && size !== Math.ceil(batch / lanes)) {
            expect.fail(`lane ${lane} of ${lanes} has ${size} of ${batch}`);
          }
        }
      }
    }
  });

  it('halves into the bounds of half as many lanes', () => {
    for (const lanes of laneCounts.filter((count) => count > 1)) {
      for (const batch of batches) {
        for (let lane = 0; lane < lanes; lane += 2) {
          const pairBounds = {
            begin: laneBounds(lane, lanes, batch).begin,
            end: laneBounds(lane + 1, lanes, batch).end,
          };
          const expected = laneBounds(lane / 2, lanes / 2, batch);
          if (pairBounds.begin !== expected.begin || pairBounds.end !== expected.end)
            expect.fail(`${lane} ${lanes} ${batch}`);
        }
      }
    }
  });
});

describe('defaultLanes', () => {
  it.each([
    [1, 1],
    [8, 1],
    [12, 1],
    [16, 2],
    [32, 4],
    [64, 8],
    [100, 8],
    [128, 8],
    [255, 8],
    [256, 16],
    [512, 32],
    [1000, 32],
    [65536, 1024],
  ])('a batch of %i gets %i', (batch, lanes) => {
    expect(defaultLanes(batch)).toBe(lanes);
  });

  it('is a power of two with at least 8 samples a lane where the batch has them', () => {
    for (let batch = 1; batch <= 65536; batch += 7) {
      const lanes = defaultLanes(batch);
      if (!isPowerOfTwo(lanes) || (lanes > 1 && Math.floor(batch / lanes) < 8))
        expect.fail(`${lanes} lanes for ${batch}`);
    }
  });
});

it('knows powers of two', () => {
  const found = Array.from({ length: 1026 }, (_, value) => value - 1).filter(isPowerOfTwo);
  expect(found).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]);
  expect([1.5, Number.NaN, Number.POSITIVE_INFINITY, -4].some(isPowerOfTwo)).toBe(false);
});
