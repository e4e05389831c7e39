import { describe, expect, it } from 'vitest';
import { threadsPerWorker } from './threads.js';

describe('threads of a worker', () => {
  it('uses the cores there are, but not more than the lanes give work to', () => {
    expect(threadsPerWorker({ workers: 1, threads: null, lanes: 8, cores: 2 })).toBe(2);
    expect(threadsPerWorker({ workers: 2, threads: null, lanes: 8, cores: 64 })).toBe(4);
    expect(threadsPerWorker({ workers: 3, threads: null, lanes: 8, cores: 64 })).toBe(2);
    expect(threadsPerWorker({ workers: 8, threads: null, lanes: 8, cores: 2 })).toBe(1);
  });

  it('refuses more threads than lanes, with the reason and what to do', () => {
    expect(() => threadsPerWorker({ workers: 4, threads: 3, lanes: 8, cores: 64 })).toThrow(
      /4 workers × 3 threads want 12 lanes, but the run has 8 lanes.*--lanes 16/,
    );
    expect(() => threadsPerWorker({ workers: 2, threads: null, lanes: 1, cores: 64 })).toThrow(/has 1 lane,/);
  });
});
