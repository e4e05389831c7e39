import type { PhiloxKey } from './philox.js';
import { sha256 } from './sha256.js';

/**
 * Key of one named random stream of a run: the first 8 bytes of SHA-256 of `lockstep/philox/1|<seed>|<label>` (UTF-8)
 * as two little-endian words. Labels in use: `order`, `init/<parameter>`, `dropout/<node>`.
 */
export function streamKey(seed: number, label: string): PhiloxKey {
  const digest = sha256(new TextEncoder().encode(`lockstep/philox/1|${seed}|${label}`));
  const view = new DataView(digest.buffer);
  return [view.getUint32(0, true), view.getUint32(4, true)];
}
