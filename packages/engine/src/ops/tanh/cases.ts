import type { OpCase } from '../op-case.js';

export const tanhCases: readonly OpCase[] = [
  { title: 'map', layer: { op: 'tanh' }, inputs: [[6, 7, 5]], batch: 2 },
  { title: 'features off every vector width', layer: { op: 'tanh' }, inputs: [[37]], batch: 3 },
  { title: 'one element', layer: { op: 'tanh' }, inputs: [[1]], batch: 1 },
];
