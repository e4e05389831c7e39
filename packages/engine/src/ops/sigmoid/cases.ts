import type { OpCase } from '../op-case.js';

export const sigmoidCases: readonly OpCase[] = [
  { title: 'map', layer: { op: 'sigmoid' }, inputs: [[6, 7, 5]], batch: 2 },
  { title: 'features off every vector width', layer: { op: 'sigmoid' }, inputs: [[37]], batch: 3 },
  { title: 'one element', layer: { op: 'sigmoid' }, inputs: [[1]], batch: 1 },
];
