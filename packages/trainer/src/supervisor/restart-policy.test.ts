import { describe, expect, it } from 'vitest';
import { RestartPolicy } from './restart-policy.js';

const killed = { crashed: false, wasReady: true };
const crashed = { crashed: true, wasReady: true };
const neverReady = { crashed: false, wasReady: false };

describe('restart policy', () => {
  it('tries again at once, then waits longer, then gives up', () => {
    const policy = new RestartPolicy();
    const delays = Array.from({ length: 20 }, () => policy.lost(killed));
    expect(delays.slice(0, 3)).toEqual([0, 500, 1000]);
    expect(Math.max(...delays.map((delay) => delay ?? 0))).toBe(5000);
    expect(delays.indexOf(null)).toBe(19);
  });

  it.each([crashed, neverReady])('gives up sooner where the next try will most likely fail too: %o', (loss) => {
    const policy = new RestartPolicy();
    expect(Array.from({ length: 4 }, () => policy.lost(loss))).toEqual([0, 500, 1000, null]);
  });

  it('begins anew when the run gets further', () => {
    const policy = new RestartPolicy();
    for (let index = 0; index < 3; index++) policy.lost(crashed);
    policy.progressed();
    expect(policy.lost(crashed)).toBe(0);
  });
});
