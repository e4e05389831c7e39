import type { OpCase } from '../op-case.js';

export const addCases: readonly OpCase[] = [
  {
    title: 'maps',
    layer: { op: 'add' },
    inputs: [
      [16, 6, 6],
      [16, 6, 6],
    ],
    batch: 2,
  },
  { title: 'features, one sample', layer: { op: 'add' }, inputs: [[13], [13]], batch: 1 },
];
