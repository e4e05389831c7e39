/**
 * The order in which an epoch visits the samples: a pure function of (seed, shuffle mode, sample count, epoch, position),
 * so that any rank can ask for any position without state. The C++ lanes compute the same function; the vectors in
 * test/golden/order.json hold both to it.
 */
import { type PhiloxKey, philox } from '../random/philox.js';

/** `window`: shuffled inside windows of that many consecutive samples and over the windows, for data larger than memory. */
export type ShuffleMode = 'global' | 'none' | { readonly window: number };

export interface SampleOrder {
  /** streamKey(seed, 'order') */
  readonly key: PhiloxKey;
  /** Number of samples, at most 2^32. */
  readonly count: number;
  readonly mode: ShuffleMode;
}

const ROUNDS = 6;
const GLOBAL_STREAM = 0x6f726472; // "ordr"
const WINDOW_STREAM = 0x77696e64; // "wind"

/** A permutation of [0, count): a Feistel network over an even number of bits, walked until it lands inside. */
interface Permutation {
  readonly key: PhiloxKey;
  readonly count: number;
  readonly epoch: number;
  /** Fourth counter word: keeps the permutations of one epoch apart. */
  readonly stream: number;
}

/** Bits of half a block: the smallest half >= 1 with 4^half >= count. */
function halfBits(count: number): number {
  let half = 1;
  while (4 ** half < count) half++;
  return half;
}

function roundWord({ key, epoch, stream }: Permutation, right: number, round: number, mask: number): number {
  return ((philox(key, [right, round, epoch, stream])[0] as number) & mask) >>> 0;
}

/** Image of position under the permutation. */
function permute(permutation: Permutation, position: number): number {
  const size = 2 ** halfBits(permutation.count);
  const mask = size - 1;
  let x = position;
  do {
    let left = Math.floor(x / size);
    let right = x % size;
    for (let round = 0; round < ROUNDS; round++) {
      [left, right] = [right, (left ^ roundWord(permutation, right, round, mask)) >>> 0];
    }
    x = left * size + right;
  } while (x >= permutation.count);
  return x;
}

/** Position whose image is `image`: the rounds backwards. */
function unpermute(permutation: Permutation, image: number): number {
  const size = 2 ** halfBits(permutation.count);
  const mask = size - 1;
  let x = image;
  do {
    let left = Math.floor(x / size);
    let right = x % size;
    for (let round = ROUNDS - 1; round >= 0; round--) {
      [left, right] = [(right ^ roundWord(permutation, left, round, mask)) >>> 0, left];
    }
    x = left * size + right;
  } while (x >= permutation.count);
  return x;
}

/**
 * Windows come in permuted order; the short last window, wherever it lands, shifts the windows after it, so the slot
 * of the short window (by the inverse permutation) says which window holds a position.
 */
function sampleInWindow(order: SampleOrder, window: number, epoch: number, position: number): number {
  const { key, count } = order;
  const windows = Math.ceil(count / window);
  const shortLength = count - (windows - 1) * window;
  const overWindows: Permutation = { key, count: windows, epoch, stream: WINDOW_STREAM };
  const shortBegin = unpermute(overWindows, windows - 1) * window;
  const shift = position >= shortBegin + shortLength ? window - shortLength : 0;
  const slot = Math.floor((position + shift) / window);
  const offset = (position + shift) % window;
  const index = permute(overWindows, slot);
  const length = index === windows - 1 ? shortLength : window;
  const inside: Permutation = { key, count: length, epoch, stream: index + 1 };
  return index * window + permute(inside, offset);
}

/**
 * Dataset index of the sample at `position` (0 <= position < count) of `epoch` (0-based). Over an epoch every index
 * comes exactly once.
 */
export function sampleAt(order: SampleOrder, epoch: number, position: number): number {
  const { key, count, mode } = order;
  if (!Number.isInteger(position) || position < 0 || position >= count || count > 2 ** 32) {
    throw new RangeError(`expected a position in [0, ${count}) and a count of at most 2^32, got position ${position}`);
  }
  if (mode === 'none') return position;
  if (mode === 'global') return permute({ key, count, epoch, stream: GLOBAL_STREAM }, position);
  return sampleInWindow(order, mode.window, epoch, position);
}
