import { expect, test } from 'vitest';
import { nativeCatalog } from '../src/backend/native/native-catalog.js';
import type { Graph } from '../src/graph/types.js';
import { layersToGraph } from '../src/nn/layers-to-graph.js';
import { presetGraph } from '../src/nn/preset-graph.js';
import { buildGraph } from '../src/ops/build-graph.js';
import { buildPlan } from '../src/plan/build-plan.js';

const presets = [
  { preset: 'lenet5', shape: [1, 28, 28] },
  { preset: 'mlp', shape: [1, 28, 28] },
  { preset: 'softmax-regression', shape: [1, 28, 28] },
  { preset: 'resnet20', shape: [3, 32, 32] },
] as const;

test('layers behind a convolution of few channels leave its layout where nobody else reads it', () => {
  const layers = [
    { op: 'conv2d', outChannels: 8, kernel: 3 },
    { op: 'batchNorm' },
    { op: 'relu' },
    { op: 'maxPool2d', kernel: 3, stride: 2, padding: 1 },
    { op: 'conv2d', outChannels: 6, kernel: 3 },
    { op: 'sigmoid' },
    { op: 'avgPool2d', kernel: 2 },
    { op: 'dropout', rate: 0.2 },
    { op: 'flatten' },
    { op: 'linear', outFeatures: 10 },
  ] as const;
  const graph = buildGraph(layersToGraph([...layers], [1, 28, 28]));
  expect(referencesIn(graph)).toEqual([]);
});

test.each(presets)(
  'no kernel of $preset falls to a reference implementation, whose bits and speed nobody promises',
  ({ preset, shape }) => {
    expect(referencesIn(buildGraph(presetGraph({ preset }, shape, 10)))).toEqual([]);
  },
);

function referencesIn(graph: Graph): string[] {
  const found: string[] = [];
  for (const batchSize of [128, 64, 12, 8]) {
    const options = { isa: 'avx512_core', seed: 1, lanes: 4, batchSize, trainSamples: 1000, evaluationLanes: 4 };
    const catalog = nativeCatalog('avx512_core');
    const plan = buildPlan(graph, { ...options, evaluationBatchSize: 100, validationSamples: 250 }, catalog);
    for (const { batch, calls } of plan.variants) {
      for (const { kernel, node, implementation } of calls) {
        if (/^(ref|simple)/.test(implementation))
          found.push(`${kernel} of ${node}, ${batch} samples: ${implementation}`);
      }
    }
  }
  return found;
}
