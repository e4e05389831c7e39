import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { philox } from '../random/philox.js';
import { streamKey } from '../random/stream-key.js';
import { type SampleOrder, type ShuffleMode, sampleAt } from './order.js';

function epochOf(order: SampleOrder, epoch: number): number[] {
  return Array.from({ length: order.count }, (_, position) => sampleAt(order, epoch, position));
}

function orderOf(count: number, mode: ShuffleMode, seed = 1): SampleOrder {
  return { key: streamKey(seed, 'order'), count, mode };
}

const modes: ShuffleMode[] = ['none', 'global', { window: 1 }, { window: 4 }, { window: 7 }, { window: 5000 }];
const counts = [1, 2, 3, 4, 5, 15, 16, 17, 28, 64, 100, 257, 1000];

describe('sampleAt', () => {
  test.each(modes.map((mode) => ({ mode })))('visits every sample exactly once with mode $mode', ({ mode }) => {
    for (const count of counts) {
      const visited = epochOf(orderOf(count, mode), 3).sort((a, b) => a - b);
      expect(visited).toEqual(Array.from({ length: count }, (_, i) => i));
    }
  });

  test('differs between epochs and seeds, and repeats for the same ones', () => {
    const order = orderOf(200, 'global');
    expect(epochOf(order, 0)).toEqual(epochOf(order, 0));
    expect(epochOf(order, 0)).not.toEqual(epochOf(order, 1));
    expect(epochOf(order, 0)).not.toEqual(epochOf(orderOf(200, 'global', 2), 0));
  });

  test('leaves few fixed points and no run of neighbours', () => {
    const visited = epochOf(orderOf(10_000, 'global'), 0);
    const fixed = visited.filter((index, position) => index === position).length;
    const neighbours = visited.filter((index, position) => index === (visited[position - 1] ?? -9) + 1).length;
    expect(fixed).toBeLessThan(10);
    expect(neighbours).toBeLessThan(10);
  });

  test('positions and indices are uncorrelated', () => {
    const count = 20_000;
    const visited = epochOf(orderOf(count, 'global', 5), 2);
    const mean = (count - 1) / 2;
    const covariance = visited.reduce((sum, index, position) => sum + (index - mean) * (position - mean), 0) / count;
    expect(Math.abs(covariance / ((count * count) / 12))).toBeLessThan(0.03);
  });

  test('windowed: a window is finished before the next begins', () => {
    const window = 8;
    const visited = epochOf(orderOf(60, { window }), 1);
    const sequence = visited.map((index) => Math.floor(index / window));
    const changes = sequence.filter((slot, position) => slot !== sequence[position - 1]).length;
    expect(changes).toBe(Math.ceil(60 / window));
    expect(sequence).not.toEqual([...sequence].sort((a, b) => a - b));
  });

  test('works at the largest count and refuses positions outside', () => {
    const order = orderOf(2 ** 32, 'global');
    expect(sampleAt(order, 0, 2 ** 32 - 1)).toBeLessThan(2 ** 32);
    expect(() => sampleAt(order, 0, 2 ** 32)).toThrow('got position 4294967296');
    expect(() => sampleAt(orderOf(5, 'none'), 0, -1)).toThrow('[0, 5)');
    expect(() => sampleAt(orderOf(5, 'none'), 0, 1.5)).toThrow('1.5');
  });
});

interface Golden {
  philox: { key: [number, number]; counter: [number, number, number, number]; words: number[] }[];
  streamKeys: { seed: number; label: string; key: number[] }[];
  orders: {
    seed: number;
    key: [number, number];
    count: number;
    window: number;
    epoch: number;
    positions: number[];
    indices: number[];
    sha256: string | null;
  }[];
}

/** Shared with the C++ tests. `window`: 0 is global, -1 is none; sha256: over all indices as little-endian uint32. */
const golden = JSON.parse(readFileSync(new URL('../../test/golden/order.json', import.meta.url), 'utf8')) as Golden;

describe('golden vectors', () => {
  test('philox and stream keys', () => {
    for (const { key, counter, words } of golden.philox) expect([...philox(key, counter)]).toEqual(words);
    for (const { seed, label, key } of golden.streamKeys) expect(streamKey(seed, label)).toEqual(key);
  });

  test.each(golden.orders)('seed $seed, count $count, window $window, epoch $epoch', (vector) => {
    const mode: ShuffleMode = vector.window === 0 ? 'global' : vector.window < 0 ? 'none' : { window: vector.window };
    const order: SampleOrder = { key: vector.key, count: vector.count, mode };
    expect(streamKey(vector.seed, 'order')).toEqual(vector.key);
    expect(vector.positions.map((position) => sampleAt(order, vector.epoch, position))).toEqual(vector.indices);
    if (vector.sha256 !== null) {
      const indices = Uint32Array.from(epochOf(order, vector.epoch));
      expect(createHash('sha256').update(indices).digest('hex')).toBe(vector.sha256);
    }
  });
});
