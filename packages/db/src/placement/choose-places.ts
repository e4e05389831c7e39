/** A node that may be used, with what is free on it. */
export interface Candidate {
  readonly nodeId: string;
  readonly freeCpus: readonly number[];
  /** It has the run's data in its cache. */
  readonly hasData: boolean;
}

export interface Place {
  readonly nodeId: string;
  readonly cpus: readonly number[];
}

/**
 * Places for up to `wanted` ranks with `threads` CPUs each. Ranks go to nodes that have none of this run first, then to
 * nodes with the data, then to where most is free; equal nodes by id, so that the choice is the same wherever it is made.
 */
export function choosePlaces(candidates: readonly Candidate[], wanted: number, threads: number): Place[] {
  const nodes = candidates.map(({ nodeId, freeCpus, hasData }) => ({ nodeId, hasData, free: [...freeCpus], ranks: 0 }));
  const places: Place[] = [];
  while (places.length < wanted) {
    const [best] = nodes
      .filter(({ free }) => free.length >= threads)
      .sort(
        (a, b) =>
          a.ranks - b.ranks ||
          Number(b.hasData) - Number(a.hasData) ||
          b.free.length - a.free.length ||
          (a.nodeId < b.nodeId ? -1 : 1),
      );
    if (best === undefined) break;
    places.push({ nodeId: best.nodeId, cpus: best.free.splice(0, threads) });
    best.ranks++;
  }
  return places;
}
