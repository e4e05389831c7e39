import { describe, expect, it } from 'vitest';
import { expectedWait } from './expected-wait.js';

const node = (cores: number, usedCores: number) => ({ state: 'ready' as const, cores, usedCores });
const run = (name: string, cores: number, step: number, seconds: number) => ({
  name,
  workers: cores,
  threads: 1,
  step,
  totalSteps: 100,
  startedAt: new Date(1_000_000 - seconds * 1000).toISOString(),
});

describe('the wait of a run', () => {
  it('is none where there are cores', () => {
    expect(expectedWait([node(2, 1)], [], { workers: 1, threads: 1 }, 0)).toEqual({ ms: 0, after: null });
  });

  it('ends with the run that gives back the last core that is needed', () => {
    const runs = [run('slow', 1, 10, 10), run('quick', 1, 50, 10)];
    const wait = (workers: number) => expectedWait([node(2, 2)], runs, { workers, threads: 1 }, 1_000_000);
    expect(wait(1)).toEqual({ ms: 10_000, after: 'quick' });
    expect(wait(2)).toEqual({ ms: 90_000, after: 'slow' });
  });

  it('is not known where runs have not begun, and where no node is large enough', () => {
    const fresh = [{ ...run('fresh', 2, 0, 1), startedAt: null }];
    expect(expectedWait([node(2, 2)], fresh, { workers: 1, threads: 1 }, 0).ms).toBeNull();
    expect(expectedWait([node(2, 0)], [], { workers: 1, threads: 4 }, 0).ms).toBeNull();
    expect(expectedWait([{ ...node(8, 0), state: 'lost' as never }], [], { workers: 1, threads: 1 }, 0).ms).toBeNull();
  });
});
