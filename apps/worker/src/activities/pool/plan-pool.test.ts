import { describe, expect, it } from 'vitest';
import { type PoolNode, planPool } from './plan-pool.js';
import type { PoolMember } from './pool-provider.js';

const member = (providerId: string, state: PoolMember['state'] = 'running'): PoolMember => ({ providerId, state });
const node = (providerId: string, more: Partial<PoolNode> = {}): PoolNode => ({
  nodeId: `node-of-${providerId}`,
  providerId,
  reachable: true,
  draining: false,
  ranks: 0,
  ...more,
});
const nothing = { start: 0, drain: [], stop: [], retire: [] };

describe('the plan of a pool', () => {
  it('starts what is missing, from what the provider reports', () => {
    expect(planPool([], [], 2)).toEqual({ ...nothing, start: 2 });
    expect(planPool([member('a')], [], 2)).toEqual({ ...nothing, start: 1 });
    expect(planPool([member('a'), member('b')], [node('a'), node('b')], 2)).toEqual(nothing);
  });

  it('drains before it stops, those with fewer ranks first', () => {
    const members = [member('a'), member('b')];
    expect(planPool(members, [node('a', { ranks: 1 }), node('b')], 1)).toEqual({ ...nothing, drain: ['node-of-b'] });
    expect(planPool(members, [node('a', { ranks: 1 }), node('b', { draining: true })], 1)).toEqual({
      ...nothing,
      stop: ['b'],
    });
  });

  it('waits for the ranks of a node that drains', () => {
    expect(planPool([member('a')], [node('a', { draining: true, ranks: 1 })], 0)).toEqual(nothing);
  });

  it('stops members whose agent never came, and does not count those that go', () => {
    expect(planPool([member('a')], [], 0)).toEqual({ ...nothing, stop: ['a'] });
    expect(planPool([member('a', 'going')], [node('a', { draining: true })], 1)).toEqual({ ...nothing, start: 1 });
  });

  it('retires nodes whose member is gone, and replaces them', () => {
    expect(planPool([], [node('a', { ranks: 1 })], 1)).toEqual({ ...nothing, start: 1, retire: ['node-of-a'] });
  });
});
