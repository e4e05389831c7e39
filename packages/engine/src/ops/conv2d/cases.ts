import type { OpCase } from '../op-case.js';

export const conv2dCases: readonly OpCase[] = [
  {
    title: 'first layer of LeNet',
    layer: { op: 'conv2d', outChannels: 6, kernel: 5 },
    inputs: [[1, 28, 28]],
    batch: 2,
  },
  {
    title: 'second layer of LeNet',
    layer: { op: 'conv2d', outChannels: 12, kernel: 5 },
    inputs: [[6, 12, 12]],
    batch: 3,
  },
  { title: 'one sample', layer: { op: 'conv2d', outChannels: 4, kernel: 3 }, inputs: [[3, 5, 7]], batch: 1 },
  { title: 'one pixel', layer: { op: 'conv2d', outChannels: 2, kernel: 1 }, inputs: [[3, 1, 1]], batch: 2 },
  {
    title: 'kernel as large as the image',
    layer: { op: 'conv2d', outChannels: 5, kernel: [4, 6] },
    inputs: [[2, 4, 6]],
    batch: 3,
  },
  {
    title: 'oblong kernel, strides and padding',
    layer: { op: 'conv2d', outChannels: 3, kernel: [3, 2], stride: [2, 1], padding: [1, 0] },
    inputs: [[2, 7, 5]],
    batch: 5,
  },
  {
    title: 'stride leaves a rest unread',
    layer: { op: 'conv2d', outChannels: 4, kernel: 3, stride: 3 },
    inputs: [[2, 8, 10]],
    batch: 2,
  },
  {
    title: 'stride larger than the kernel',
    layer: { op: 'conv2d', outChannels: 16, kernel: 1, stride: 2, bias: false },
    inputs: [[16, 7, 9]],
    batch: 2,
  },
  {
    title: 'residual block without bias',
    layer: { op: 'conv2d', outChannels: 16, kernel: 3, padding: 1, bias: false },
    inputs: [[16, 6, 6]],
    batch: 2,
  },
  {
    title: 'channels off every vector width',
    layer: { op: 'conv2d', outChannels: 19, kernel: 3, padding: 1 },
    inputs: [[17, 5, 5]],
    batch: 1,
  },
  {
    title: 'padding of the kernel less one',
    layer: { op: 'conv2d', outChannels: 2, kernel: 3, padding: 2 },
    inputs: [[1, 3, 4]],
    batch: 2,
  },
];
