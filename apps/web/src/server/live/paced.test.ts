import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Paced } from './paced.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('paced signals', () => {
  it('are told at once, then the newest of each interval, and nothing twice', () => {
    const told: string[] = [];
    const paced = new Paced<number>(250, (key, value) => told.push(`${key}:${value}`));
    for (let cursor = 1; cursor <= 5; cursor++) paced.say('a', cursor);
    paced.say('b', 1);
    expect(told).toEqual(['a:1', 'b:1']);
    vi.advanceTimersByTime(250);
    expect(told).toEqual(['a:1', 'b:1', 'a:5']);
    vi.advanceTimersByTime(1000);
    expect(told).toEqual(['a:1', 'b:1', 'a:5']);
    paced.say('a', 6);
    expect(told.at(-1)).toBe('a:6');
  });

  it('keep their rate under a flood', () => {
    let count = 0;
    const paced = new Paced<number>(250, () => count++);
    for (let ms = 0; ms < 2000; ms += 10) {
      paced.say('a', ms);
      vi.advanceTimersByTime(10);
    }
    expect(count).toBe(9);
  });
});
