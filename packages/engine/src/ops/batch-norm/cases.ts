import type { OpCase } from '../op-case.js';

export const batchNormCases: readonly OpCase[] = [
  { title: 'maps', layer: { op: 'batchNorm' }, inputs: [[16, 6, 6]], batch: 4 },
  { title: 'features', layer: { op: 'batchNorm', epsilon: 1e-3 }, inputs: [[19]], batch: 9 },
  { title: 'two samples', layer: { op: 'batchNorm' }, inputs: [[3, 5, 1]], batch: 2 },
  { title: 'one sample uses the running statistics', layer: { op: 'batchNorm' }, inputs: [[5, 3, 4]], batch: 1 },
  { title: 'evaluation', layer: { op: 'batchNorm' }, inputs: [[17, 2, 3]], batch: 3, mode: 'evaluate' },
];
