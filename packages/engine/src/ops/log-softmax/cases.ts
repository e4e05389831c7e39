import type { OpCase } from '../op-case.js';

export const logSoftmaxCases: readonly OpCase[] = [
  { title: 'ten classes', layer: { op: 'logSoftmax' }, inputs: [[10]], batch: 16 },
  { title: 'one sample, two classes', layer: { op: 'logSoftmax' }, inputs: [[2]], batch: 1 },
  { title: 'classes off every vector width', layer: { op: 'logSoftmax' }, inputs: [[131]], batch: 3 },
  { title: 'one class', layer: { op: 'logSoftmax' }, inputs: [[1]], batch: 2 },
];
