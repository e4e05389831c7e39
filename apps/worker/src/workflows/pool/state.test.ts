import { describe, expect, it } from 'vitest';
import { PoolMachine } from './state.js';

const found = (members: number, more = {}) => ({ members, started: 0, draining: 0, stopped: 0, ...more });

describe('a pool', () => {
  it('is looked at soon again until it is what it shall be', () => {
    const pool = new PoolMachine({ poolId: 'p', desired: 2, closing: false });
    pool.found(found(0, { started: 2 }));
    expect(pool.pauseMs).toBe(1000);
    pool.found(found(2));
    expect(pool.pauseMs).toBe(60_000);
    pool.resize({ desired: 0 });
    expect([pool.isWoken, pool.pauseMs]).toEqual([true, 1000]);
    pool.looked();
    pool.found(found(2, { draining: 2 }));
    expect([pool.isWoken, pool.isOver]).toEqual([false, false]);
  });

  it('ends when it closes and nothing is left', () => {
    const pool = new PoolMachine({ poolId: 'p', desired: 2, closing: false });
    pool.resize({ desired: 2, closing: true });
    expect(pool.desired).toBe(0);
    pool.found(found(1, { draining: 1 }));
    expect(pool.isOver).toBe(false);
    pool.found(found(0));
    expect(pool.isOver).toBe(true);
  });
});
