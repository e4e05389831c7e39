import type { LayerSpec } from '@lockstep/contracts';
import { layersToGraph } from '../../src/nn/layers-to-graph.js';
import { buildGraph } from '../../src/ops/build-graph.js';
import type { OpCase } from '../../src/ops/op-case.js';
import type { ModelCase } from './model-cases.js';

/** Batches for which native kernels work on sixteen samples side by side: whole blocks, blocks with a rest, and too small a rest. */
export const wideBatchOpCases: readonly OpCase[] = [
  [16, 1, 6, 5, 12, 14],
  [16, 6, 12, 5, 8, 8],
  [14, 3, 5, 3, 7, 9],
  [29, 2, 7, 4, 6, 5],
  [17, 4, 4, 3, 5, 5],
  [32, 15, 13, 1, 3, 4],
  [16, 5, 3, 8, 9, 8],
  [12, 1, 1, 2, 2, 2],
  [16, 14, 15, 3, 5, 7],
  [16, 2, 11, 7, 10, 13],
].map(([batch = 1, channels = 1, outChannels = 1, kernel = 1, height = 1, width = 1], index) => ({
  title: `${batch} samples [${channels},${height},${width}], ${outChannels} channels of ${kernel}x${kernel}`,
  layer: { op: 'conv2d', outChannels, kernel, bias: index % 3 !== 2 },
  inputs: [[channels, height, width]],
  batch,
}));

const conv = (outChannels: number, kernel: number): LayerSpec => ({ op: 'conv2d', outChannels, kernel });

/** What stands behind such a convolution: pooling of the same kind, and every kernel that does not know its layout. */
const behind: readonly [string, number[], LayerSpec[]][] = [
  [
    'tanh and max pooling',
    [1, 10, 11],
    [conv(5, 3), { op: 'tanh' }, { op: 'maxPool2d', kernel: 2 }, conv(7, 2), { op: 'tanh' }],
  ],
  ['max pooling with a rest', [2, 9, 10], [conv(4, 2), { op: 'maxPool2d', kernel: 3 }]],
  ['oblong max pooling', [2, 9, 10], [conv(3, 2), { op: 'relu' }, { op: 'maxPool2d', kernel: [2, 4] }]],
  ['overlapping max pooling', [2, 9, 10], [conv(3, 2), { op: 'relu' }, { op: 'maxPool2d', kernel: 3, stride: 2 }]],
  ['padded max pooling', [2, 9, 10], [conv(3, 2), { op: 'maxPool2d', kernel: 2, padding: 1 }]],
  ['average pooling', [1, 8, 8], [conv(6, 3), { op: 'relu' }, { op: 'avgPool2d', kernel: 2 }, conv(3, 2)]],
  ['batch norm', [2, 6, 6], [conv(5, 3), { op: 'batchNorm' }, { op: 'relu' }, conv(4, 2)]],
  ['sigmoid', [1, 6, 6], [conv(5, 3), { op: 'sigmoid' }, { op: 'maxPool2d', kernel: 2 }]],
  ['dropout', [1, 7, 5], [conv(5, 3), { op: 'dropout', rate: 0.4 }, { op: 'maxPool2d', kernel: 2 }]],
  [
    'branches',
    [2, 6, 6],
    [
      { name: 'a', op: 'conv2d', outChannels: 3, kernel: 3 },
      { name: 'b', op: 'conv2d', outChannels: 3, kernel: 3, inputs: ['input'] },
      { name: 'sum', op: 'add', inputs: ['a', 'b'] },
      { name: 'more', op: 'add', inputs: ['sum', 'a'] },
      { op: 'relu' },
    ],
  ],
  ['a wide convolution', [3, 7, 7], [conv(8, 3), { op: 'relu' }, conv(20, 2), { op: 'relu' }, conv(6, 2)]],
  ['reshape', [2, 6, 6], [conv(3, 3), { op: 'reshape', shape: [2, 6, 4] }, conv(3, 2)]],
];

export const wideBatchModelCases: readonly ModelCase[] = behind.flatMap(([title, shape, layers]) => {
  const graph = buildGraph(layersToGraph([...layers, { op: 'flatten' }, { op: 'linear', outFeatures: 4 }], shape));
  return [
    { title: `${title}, 16 samples`, graph, batch: 16, mode: 'train' as const },
    { title: `${title}, 13 samples`, graph, batch: 13, mode: 'train' as const },
    { title: `${title}, evaluation of 30`, graph, batch: 30, mode: 'evaluate' as const },
  ];
});
