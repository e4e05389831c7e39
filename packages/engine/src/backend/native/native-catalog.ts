import { describeKernel, layoutBytes } from '@lockstep/kernels-native';
import type { KernelCatalog } from '../../plan/plan.js';
import { translatedSync } from './native-error.js';

/** The kernels of this build under one ISA. A process keeps the first ISA that it asks for. */
export function nativeCatalog(isa: string): KernelCatalog {
  return {
    describe: (request) => translatedSync(() => describeKernel(isa, request)),
    layoutBytes: (shape, layout) =>
      layout === 'bytes' ? (shape[0] ?? 0) : translatedSync(() => layoutBytes(shape, layout)),
  };
}
