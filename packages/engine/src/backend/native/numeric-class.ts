import { createHash } from 'node:crypto';
import type { NumericClass } from '@lockstep/contracts';
import { buildInfo } from '@lockstep/kernels-native';
import { numericsVersion } from '../../resolve/versions.js';

/**
 * What decides the bits that this machine computes: kernel sources, compiler and flags, oneDNN, ISA, and the digest of a
 * probe over the run's own plan. Two ranks whose classes differ may not train together. Paths are not part of it.
 */
export function numericClass(options: { isa: string; probeDigest: string }): NumericClass {
  const { sourceDigest, compiler, flags, oneDnn } = buildInfo();
  const parts = {
    numericsVersion: String(numericsVersion),
    kernels: sourceDigest,
    compiler,
    flags,
    oneDnn,
    isa: options.isa,
    probe: options.probeDigest,
  };
  return { id: createHash('sha256').update(JSON.stringify(parts)).digest('hex'), parts };
}
