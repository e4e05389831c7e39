import { describe, expect, it } from 'vitest';
import { type Candidate, choosePlaces } from './choose-places.js';

function node(nodeId: string, free: number, hasData = false): Candidate {
  return { nodeId, hasData, freeCpus: Array.from({ length: free }, (_, index) => index) };
}

describe('choosePlaces', () => {
  it('spreads ranks over nodes before it doubles up', () => {
    expect(choosePlaces([node('a', 4), node('b', 1)], 3, 1)).toEqual([
      { nodeId: 'a', cpus: [0] },
      { nodeId: 'b', cpus: [0] },
      { nodeId: 'a', cpus: [1] },
    ]);
  });

  it('prefers nodes that have the data, then the emptiest', () => {
    expect(choosePlaces([node('a', 8), node('b', 2, true)], 1, 2).map(({ nodeId }) => nodeId)).toEqual(['b']);
    expect(choosePlaces([node('a', 2), node('b', 8)], 1, 2).map(({ nodeId }) => nodeId)).toEqual(['b']);
  });

  it('gives what there is, each CPU once', () => {
    const places = choosePlaces([node('a', 3), node('b', 3)], 5, 2);
    expect(places).toHaveLength(2);
    expect(new Set(places.map(({ nodeId }) => nodeId)).size).toBe(2);
    expect(choosePlaces([node('a', 3)], 1, 4)).toEqual([]);
  });
});
