import type { OpCase } from '../op-case.js';

export const dropoutCases: readonly OpCase[] = [
  { title: 'features', layer: { op: 'dropout', rate: 0.5 }, inputs: [[101]], batch: 4 },
  { title: 'maps', layer: { op: 'dropout', rate: 0.2 }, inputs: [[3, 5, 7]], batch: 2 },
  { title: 'one sample, high rate', layer: { op: 'dropout', rate: 0.9 }, inputs: [[64]], batch: 1 },
  { title: 'rate 0', layer: { op: 'dropout', rate: 0 }, inputs: [[9]], batch: 2 },
  { title: 'evaluation', layer: { op: 'dropout', rate: 0.5 }, inputs: [[9]], batch: 2, mode: 'evaluate' },
];
