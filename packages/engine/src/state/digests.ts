import { createHash, type Hash } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';
import { byNameBytes, isOptimizerSlot, type StateTensor, tensorBytes } from './state-tensor.js';

function hashTensors(hash: Hash, tensors: readonly StateTensor[]): void {
  for (const tensor of [...tensors].sort(byNameBytes)) {
    hash.update(`${JSON.stringify([tensor.name, 'float32', tensor.shape])}\n`);
    hash.update(tensorBytes(tensor));
  }
}

/**
 * SHA-256 (hex) over parameters and buffers, sorted by name in byte order: for each the line
 * `["<name>","float32",[<shape>]]`, then its little-endian bytes. Optimizer slots in the list are left out.
 */
export function weightsDigest(tensors: readonly StateTensor[]): string {
  const hash = createHash('sha256');
  hashTensors(
    hash,
    tensors.filter((tensor) => !isOptimizerSlot(tensor.name)),
  );
  return hash.digest('hex');
}

/**
 * SHA-256 (hex) over every tensor, optimizer slots included, as in `weightsDigest`, then the canonical JSON of `extra`:
 * whatever else decides how the run goes on (position, schedule, early stopping, sums of the partial epoch).
 */
export function stateDigest(tensors: readonly StateTensor[], extra: unknown): string {
  const hash = createHash('sha256');
  hashTensors(hash, tensors);
  hash.update(canonicalJson(extra));
  return hash.digest('hex');
}
