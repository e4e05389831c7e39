import type { OpCase } from '../op-case.js';

export const avgPool2dCases: readonly OpCase[] = [
  { title: 'LeNet', layer: { op: 'avgPool2d', kernel: 2 }, inputs: [[6, 24, 24]], batch: 2 },
  {
    title: 'one sample, a row and a column left over',
    layer: { op: 'avgPool2d', kernel: 2 },
    inputs: [[3, 5, 7]],
    batch: 1,
  },
  { title: 'overlapping windows', layer: { op: 'avgPool2d', kernel: 3, stride: 2 }, inputs: [[2, 7, 9]], batch: 3 },
  { title: 'padding', layer: { op: 'avgPool2d', kernel: 3, stride: 2, padding: 1 }, inputs: [[5, 6, 7]], batch: 2 },
  {
    title: 'oblong',
    layer: { op: 'avgPool2d', kernel: [2, 3], stride: [1, 2], padding: [1, 0] },
    inputs: [[1, 4, 8]],
    batch: 2,
  },
  { title: 'the whole map', layer: { op: 'avgPool2d', kernel: [4, 5] }, inputs: [[19, 4, 5]], batch: 2 },
  {
    title: 'stride larger than the kernel',
    layer: { op: 'avgPool2d', kernel: 1, stride: 3 },
    inputs: [[2, 7, 7]],
    batch: 1,
  },
];
