import { readFileSync } from 'node:fs';
import type { Isa } from '@lockstep/contracts';

const needed: Readonly<Record<Isa, readonly string[]>> = {
  avx512_core: ['avx512f', 'avx512bw', 'avx512dq', 'avx512vl'],
  avx2: ['avx2', 'fma'],
};

/** Instruction sets that a CPU has, best first, from the text of /proc/cpuinfo. */
export function isasOf(cpuinfo: string): Isa[] {
  const flags = new Set(/^flags\s*:(.*)$/m.exec(cpuinfo)?.[1]?.trim().split(/\s+/) ?? []);
  return (Object.keys(needed) as Isa[]).filter((isa) => needed[isa].every((flag) => flags.has(flag)));
}

/** Instruction sets that this machine can compute with, best first. */
export function availableIsas(): Isa[] {
  try {
    return isasOf(readFileSync('/proc/cpuinfo', 'utf8'));
  } catch {
    return [];
  }
}
