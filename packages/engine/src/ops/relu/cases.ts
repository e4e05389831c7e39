import type { OpCase } from '../op-case.js';

export const reluCases: readonly OpCase[] = [
  { title: 'map', layer: { op: 'relu' }, inputs: [[6, 7, 5]], batch: 2 },
  { title: 'features off every vector width', layer: { op: 'relu' }, inputs: [[37]], batch: 3 },
  { title: 'one element', layer: { op: 'relu' }, inputs: [[1]], batch: 1 },
];
