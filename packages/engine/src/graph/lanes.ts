import { limits } from '@lockstep/contracts';

/**
 * Samples [begin, end) of the global batch that a lane works on: floor(lane * batch / lanes) to floor((lane+1) * batch / lanes).
 * Lanes differ by at most one sample; with fewer samples than lanes some are empty. Exact: the products stay below 2^53.
 */
export function laneBounds(
  lane: number,
  lanes: number,
  batch: number,
): { readonly begin: number; readonly end: number } {
  return {
    begin: Math.floor((lane * batch) / lanes),
    end: Math.floor(((lane + 1) * batch) / lanes),
  };
}

/**
 * The number of lanes for a batch size when nobody asks for another: the largest power of two that leaves every lane at
 * least 8 samples, and from 8 lanes on at least 16, where larger micro-batches are worth more than further lanes.
 */
export function defaultLanes(batchSize: number): number {
  const most = Math.min(batchSize / 8, Math.max(8, batchSize / 16), limits.maxLanes);
  let lanes = 1;
  while (lanes * 2 <= most) lanes *= 2;
  return lanes;
}

export function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= 2 ** 30 && (value & (value - 1)) === 0;
}
