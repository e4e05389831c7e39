import { describe, expect, it } from 'vitest';
import { RestartPolicy } from './restart-policy.js';

describe('restart policy', () => {
  it('tries again at once, then waits longer, then gives up', () => {
    const policy = new RestartPolicy();
    const delays = Array.from({ length: 20 }, () => policy.lost(false));
    expect(delays.slice(0, 3)).toEqual([0, 500, 1000]);
    expect(Math.max(...delays.map((delay) => delay ?? 0))).toBe(5000);
    expect(delays.indexOf(null)).toBe(19);
  });

  it('gives up sooner on crashes', () => {
    const policy = new RestartPolicy();
    expect([policy.lost(true), policy.lost(true), policy.lost(true)]).toEqual([0, 500, null]);
  });

  it('begins anew when the run gets further', () => {
    const policy = new RestartPolicy();
    policy.lost(true);
    policy.lost(true);
    policy.progressed();
    expect(policy.lost(true)).toBe(0);
  });
});
