import type { ResolvedSpec } from '@lockstep/contracts';
import { buildGraph, estimateMemory, optimizerSlots } from '@lockstep/engine/graph';

/** Bytes that one of `workers` workers needs at most, from shapes alone. */
export function workerMemoryBytes({ graph, lanes, training }: ResolvedSpec, workers: number): number {
  const laneShare = Math.ceil(lanes / workers);
  const batchShare = Math.ceil((training.batchSize * laneShare) / lanes);
  return estimateMemory(buildGraph(graph), laneShare, batchShare, optimizerSlots(training.optimizer).length).total;
}
