import type { OpCase } from '../op-case.js';

export const reshapeCases: readonly OpCase[] = [
  { title: 'map to other map', layer: { op: 'reshape', shape: [3, 10, 2] }, inputs: [[5, 4, 3]], batch: 3 },
  { title: 'features to map, one sample', layer: { op: 'reshape', shape: [2, 3, 4] }, inputs: [[24]], batch: 1 },
];
