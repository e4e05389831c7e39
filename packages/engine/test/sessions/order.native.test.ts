import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { sampleOrder } from '@lockstep/kernels-native';
import { describe, expect, it } from 'vitest';
import { type SampleOrder, sampleAt } from '../../src/data/order.js';
import { streamKey } from '../../src/random/stream-key.js';

interface GoldenOrder {
  seed: number;
  key: [number, number];
  count: number;
  /** 0 global, -1 none. */
  window: number;
  epoch: number;
  positions: number[];
  indices: number[];
  sha256: string | null;
}

const golden: { orders: GoldenOrder[] } = JSON.parse(
  readFileSync(new URL('../golden/order.json', import.meta.url), 'utf8'),
);

function native(order: SampleOrder, epoch: number, first: number, positions: number): number[] {
  const { mode } = order;
  return [
    ...sampleOrder({
      mode: typeof mode === 'string' ? mode : 'window',
      window: typeof mode === 'string' ? 1 : mode.window,
      key: [...order.key] as [number, number],
      count: order.count,
      epoch,
      first,
      positions,
    }),
  ];
}

function modeOf(window: number): SampleOrder['mode'] {
  return window === 0 ? 'global' : window < 0 ? 'none' : { window };
}

describe('the native order', () => {
  it.each(
    golden.orders.map(
      (order) =>
        [`${order.count} samples, window ${order.window}, epoch ${order.epoch}, seed ${order.seed}`, order] as const,
    ),
  )('is the golden one: %s', (_title, { key, count, window, epoch, positions, indices, sha256 }) => {
    const order = { key, count, mode: modeOf(window) };
    expect(positions.map((position) => native(order, epoch, position, 1)[0])).toEqual(indices);
    if (sha256 === null) return;
    const whole = Uint32Array.from(native(order, epoch, 0, count));
    expect(createHash('sha256').update(new Uint8Array(whole.buffer)).digest('hex')).toBe(sha256);
  });

  it('is that of the engine for many counts, windows and epochs', () => {
    for (let round = 0; round < 120; round += 1) {
      const count = 1 + ((round * 7919) % 997) + (round % 5 === 0 ? 60_000 : 0);
      const mode = modeOf([0, 0, 1, 2, 7, 100, 5000, -1][round % 8] as number);
      const order = { key: streamKey(round, 'order'), count, mode };
      const positions = Math.min(count, 40);
      const first = Math.floor(((count - positions) * (round % 11)) / 10);
      const expected = Array.from({ length: positions }, (_, index) => sampleAt(order, round % 4, first + index));
      expect(native(order, round % 4, first, positions)).toEqual(expected);
    }
  });

  it('visits every sample once an epoch', () => {
    for (const [count, window] of [
      [1000, 0],
      [1000, 7],
      [1023, 64],
      [17, 100],
      [1, 0],
    ] as const) {
      const order = { key: streamKey(3, 'order'), count, mode: modeOf(window) };
      expect(native(order, 2, 0, count).sort((a, b) => a - b)).toEqual(
        Array.from({ length: count }, (_, index) => index),
      );
    }
  });

  it('reaches the largest data sets', () => {
    const order = { key: streamKey(1, 'order'), count: 2 ** 32, mode: 'global' as const };
    for (const position of [0, 1, 2 ** 31, 2 ** 32 - 1]) {
      expect(native(order, 0, position, 1)).toEqual([sampleAt(order, 0, position)]);
    }
  });
});
