import { describe, expect, it } from 'vitest';
import { faultsOfMetrics, longestIdleTraining, longestStall, secondsToRecover, spread } from './recovery.mjs';

const look = (at, step, generation = 1, state = 'training') => ({ at, step, generation, state });

describe('the time to recover', () => {
  it('ends with the first step after the disturbance where the ranks stay', () => {
    expect(secondsToRecover([look(-0.1, 10), look(0.2, 10), look(3, 11), look(4, 12)])).toBe(3);
  });

  it('does not count steps that are done again, nor those that were still on their way', () => {
    const looks = [look(-0.1, 10), look(0.1, 14), look(2, 8, 2), look(3, 14, 2), look(4, 15, 2)];
    expect(secondsToRecover(looks)).toBe(4);
  });

  it('is unknown where nothing came any more', () => {
    expect(secondsToRecover([look(-0.1, 10), look(1, 10)])).toBeNull();
  });
});

describe('training that stands still', () => {
  it('is counted over looks that failed', () => {
    expect(longestIdleTraining([look(0, 1), look(1, 2), look(9, 2), look(10, 3)])).toBe(8);
  });

  it('is none while the run says that it recovers', () => {
    expect(longestIdleTraining([look(0, 1), look(1, 1, 1, 'recovering'), look(9, 1), look(9.5, 2)])).toBe(0);
  });
});

it('training stalls where no new step comes, also while steps are done again', () => {
  expect(longestStall([look(-1, 10), look(1, 12), look(3, 8, 2), look(6, 13, 2), look(7, 14, 2)])).toBe(5);
});

describe('metrics', () => {
  const shape = { epochs: 2, samples: 10, batchSize: 4 };
  const epochLosses = { steps: [3, 6], values: [2, 1] };
  const expected = new Map([['train/epochLoss', epochLosses]]);
  const withLoss = (steps, values) =>
    faultsOfMetrics({
      ...shape,
      expected,
      series: new Map([
        ['train/loss', { steps, values }],
        ['train/epochLoss', epochLosses],
      ]),
    });

  it('are whole where the points add up to the epochs, the last batch being smaller', () => {
    expect(withLoss([2, 3, 6], [2.25, 1, 1])).toEqual([]);
  });

  it('have a gap where a point is missing', () => {
    expect(withLoss([3, 6], [1, 1])).toHaveLength(1);
  });

  it('have a double where a step comes twice', () => {
    expect(withLoss([2, 2, 3, 6], [2.25, 2.25, 1, 1])).toEqual(['train/loss: step 2 comes after 2']);
  });

  it('are cut short where the last step is missing', () => {
    expect(withLoss([2, 3], [2.25, 1])[0]).toBe('train/loss ends at step 3, not 6');
  });
});

it('spreads from the smallest to the largest', () => {
  expect(spread([4, 1, 3, 2])).toEqual({ min: 1, median: 2.5, max: 4, count: 4 });
  expect(spread([])).toBeNull();
});
