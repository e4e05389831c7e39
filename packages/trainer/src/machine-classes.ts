import type { Isa, NumericClass } from '@lockstep/contracts';
import { nativeParts } from './compose.js';
import { availableIsas } from './cpu.js';

/**
 * What this machine and build would compute, by instruction set. The part `probe` is empty: it belongs to a run's own
 * plan, and its ranks compare it when they meet.
 */
export function machineClasses(): { isa: Isa; numericClass: NumericClass }[] {
  return availableIsas().map((isa) => ({ isa, numericClass: nativeParts.numericClass({ isa, probeDigest: '' }) }));
}
