import type { OpCase } from '../op-case.js';

export const flattenCases: readonly OpCase[] = [
  { title: 'LeNet', layer: { op: 'flatten' }, inputs: [[12, 4, 4]], batch: 4 },
  { title: 'features stay, one sample', layer: { op: 'flatten' }, inputs: [[7]], batch: 1 },
];
