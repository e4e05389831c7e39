import { describe, expect, it } from 'vitest';
import { adamScalars, integerPower } from './adam-scalars.js';
import { adamUpdate } from './adam-update.js';
import { learningRate } from './learning-rate.js';
import { optimizerSlots } from './optimizer-slots.js';
import { updateRunningStatistics } from './running-statistics.js';
import { sgdUpdate } from './sgd-update.js';

const sgd = { kind: 'sgd', learningRate: 0.05, momentum: 0.9, weightDecay: 0 } as const;
const adam = { kind: 'adam', learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 } as const;

describe('learningRate', () => {
  it('is constant, as a float32', () => {
    expect(learningRate({ optimizer: sgd, schedule: { kind: 'constant' } }, 7)).toBe(Math.fround(0.05));
  });

  it('is multiplied before each epoch of a step schedule', () => {
    const schedule = { kind: 'step' as const, factor: 0.2, epochs: [5, 8] };
    const rates = [0, 4, 5, 7, 8, 100].map((epoch) => learningRate({ optimizer: sgd, schedule }, epoch));
    const once = Math.fround(0.05 * 0.2);
    const twice = Math.fround(0.05 * 0.2 * 0.2);
    expect(rates).toEqual([Math.fround(0.05), Math.fround(0.05), once, once, twice, twice]);
  });
});

describe('optimizerSlots', () => {
  it('keeps no momentum that is not used', () => {
    expect(optimizerSlots(sgd)).toEqual(['momentum']);
    expect(optimizerSlots({ ...sgd, momentum: 0 })).toEqual([]);
    expect(optimizerSlots(adam)).toEqual(['m', 'v']);
  });
});

describe('sgdUpdate', () => {
  // Values computed by torch.optim.SGD's formula by hand: two steps with gradient 1.
  it('follows v = momentum * v + g; w -= rate * v', () => {
    const [w, v] = [Float32Array.of(1), Float32Array.of(0)];
    const settings = { learningRate: 0.5, momentum: 0.5, weightDecay: 0 };
    sgdUpdate(w, Float32Array.of(1), v, settings);
    sgdUpdate(w, Float32Array.of(1), v, settings);
    expect([w[0], v[0]]).toEqual([-0.25, 1.5]);
  });

  it('adds weight decay to the gradient', () => {
    const w = Float32Array.of(2);
    sgdUpdate(w, Float32Array.of(1), null, { learningRate: 0.5, momentum: 0, weightDecay: 0.25 });
    expect(w[0]).toBe(1.25);
  });

  it('rounds every operation to float32', () => {
    const w = Float32Array.of(1);
    sgdUpdate(w, Float32Array.of(3), null, { learningRate: 0.1, momentum: 0, weightDecay: 0 });
    expect(w[0]).toBe(Math.fround(1 - Math.fround(Math.fround(0.1) * 3)));
  });
});

describe('Adam', () => {
  it('takes a first step of the learning rate in the direction of the gradient’s sign', () => {
    const [w, m, v] = [new Float32Array(2), new Float32Array(2), new Float32Array(2)];
    adamUpdate(w, Float32Array.of(3, -0.001), m, v, adam, 0);
    expect(w[0]).toBeCloseTo(-0.001, 8);
    expect(w[1]).toBeCloseTo(0.001, 7);
  });

  it('agrees with float64 over 200 steps', () => {
    const [w, m, v] = [Float32Array.of(0.5), new Float32Array(1), new Float32Array(1)];
    const exact = { w: 0.5, m: 0, v: 0 };
    const settings = { ...adam, weightDecay: 0.01 };
    for (let step = 0; step < 200; step += 1) {
      const g = Math.sin(step) + 0.3;
      adamUpdate(w, Float32Array.of(g), m, v, settings, step);
      const decayed = g + 0.01 * exact.w;
      exact.m = 0.9 * exact.m + 0.1 * decayed;
      exact.v = 0.999 * exact.v + 0.001 * decayed ** 2;
      exact.w -=
        (0.001 * (exact.m / (1 - 0.9 ** (step + 1)))) / (Math.sqrt(exact.v / (1 - 0.999 ** (step + 1))) + 1e-8);
    }
    expect(w[0]).toBeCloseTo(exact.w, 5);
  });

  it('has bias corrections that reach 1', () => {
    expect(adamScalars(adam, 2 ** 31 - 1)).toEqual({ stepSize: Math.fround(0.001), denominatorScale: 1 });
  });

  it('raises to whole powers by products only', () => {
    expect(integerPower(3, 0)).toBe(1);
    expect(integerPower(3, 13)).toBe(1594323);
    expect(integerPower(0.999, 1000)).toBeCloseTo(0.999 ** 1000, 12);
    expect(integerPower(0, 5)).toBe(0);
  });
});

describe('updateRunningStatistics', () => {
  it('mixes the mean over lanes in', () => {
    const running = Float32Array.of(0, 1);
    updateRunningStatistics(running, Float32Array.of(8, 4), 4, 0.5);
    expect([...running]).toEqual([1, 1]);
  });

  it('changes nothing if no lane gave statistics', () => {
    const running = Float32Array.of(3);
    updateRunningStatistics(running, Float32Array.of(0), 0, 0.5);
    expect(running[0]).toBe(3);
  });
});
