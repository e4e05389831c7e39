import type { OpCase } from '../op-case.js';

export const linearCases: readonly OpCase[] = [
  { title: 'hidden layer of LeNet', layer: { op: 'linear', outFeatures: 100 }, inputs: [[192]], batch: 16 },
  { title: 'output layer of LeNet', layer: { op: 'linear', outFeatures: 10 }, inputs: [[100]], batch: 3 },
  { title: 'one sample', layer: { op: 'linear', outFeatures: 7 }, inputs: [[33]], batch: 1 },
  { title: 'one feature to one feature', layer: { op: 'linear', outFeatures: 1 }, inputs: [[1]], batch: 5 },
  { title: 'without bias', layer: { op: 'linear', outFeatures: 17, bias: false }, inputs: [[15]], batch: 4 },
];
