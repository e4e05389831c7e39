import type { LayerSpec } from '@lockstep/contracts';
import { buildLaneProgram } from '../../src/autograd/build-lane-program.js';
import type { ProgramMode } from '../../src/autograd/program.js';
import type { Graph } from '../../src/graph/types.js';
import { layersToGraph } from '../../src/nn/layers-to-graph.js';
import { presetGraph } from '../../src/nn/preset-graph.js';
import { buildGraph } from '../../src/ops/build-graph.js';
import { caseContext, givenTensors, type RunnableProgram } from './case-program.js';

/** A small whole model with a micro-batch. */
export interface ModelCase {
  readonly title: string;
  readonly graph: Graph;
  readonly batch: number;
  readonly mode: ProgramMode;
}

export function modelProgram(modelCase: ModelCase): RunnableProgram {
  const program = buildLaneProgram(modelCase.graph, { batch: modelCase.batch, mode: modelCase.mode });
  const classes = program.values[program.output]?.shape[1] ?? 0;
  return { program, given: givenTensors(program, classes), context: caseContext(modelCase.batch) };
}

/** One input with three consumers, an add of a value to itself, and a branch without parameters. */
const branches: LayerSpec[] = [
  { name: 'stem', op: 'conv2d', outChannels: 3, kernel: 3, padding: 1 },
  { name: 'left', op: 'conv2d', inputs: ['stem'], outChannels: 3, kernel: 1 },
  { name: 'right', op: 'tanh', inputs: ['stem'] },
  { name: 'sum', op: 'add', inputs: ['left', 'right'] },
  { name: 'twice', op: 'add', inputs: ['sum', 'sum'] },
  { name: 'skip', op: 'add', inputs: ['twice', 'stem'] },
  { name: 'pool', op: 'avgPool2d', kernel: 2 },
  { op: 'flatten' },
  { op: 'linear', outFeatures: 4 },
];

/** The two kinds of ResNet block, small. */
const residual: LayerSpec[] = [
  { name: 'stem', op: 'conv2d', outChannels: 2, kernel: 3, padding: 1, bias: false },
  { name: 'conv1', op: 'conv2d', outChannels: 4, kernel: 3, stride: 2, padding: 1, bias: false },
  { name: 'bn1', op: 'batchNorm' },
  { name: 'relu1', op: 'relu' },
  { name: 'conv2', op: 'conv2d', outChannels: 4, kernel: 3, padding: 1, bias: false },
  { name: 'bn2', op: 'batchNorm' },
  { name: 'shortcut', op: 'conv2d', inputs: ['stem'], outChannels: 4, kernel: 1, stride: 2, bias: false },
  { name: 'bn3', op: 'batchNorm' },
  { name: 'add1', op: 'add', inputs: ['bn2', 'bn3'] },
  { name: 'relu2', op: 'relu' },
  { name: 'conv3', op: 'conv2d', outChannels: 4, kernel: 3, padding: 1, bias: false },
  { name: 'add2', op: 'add', inputs: ['conv3', 'relu2'] },
  { name: 'relu3', op: 'relu' },
  { name: 'pool', op: 'avgPool2d', kernel: [3, 4] },
  { op: 'flatten' },
  { op: 'linear', outFeatures: 3 },
];

const everything: LayerSpec[] = [
  { op: 'reshape', shape: [2, 6, 5] },
  { op: 'conv2d', outChannels: 4, kernel: 3, padding: 1, bias: false },
  { op: 'batchNorm' },
  { op: 'relu' },
  { op: 'maxPool2d', kernel: 2, padding: 1 },
  { op: 'dropout', rate: 0.3 },
  { op: 'flatten' },
  { op: 'linear', outFeatures: 7 },
  { op: 'batchNorm' },
  { op: 'sigmoid' },
  { op: 'linear', outFeatures: 3 },
];

const graphs = {
  lenet: buildGraph(presetGraph({ preset: 'lenet5' }, [1, 16, 17], 5)),
  resnet: buildGraph(presetGraph({ preset: 'resnet20' }, [1, 8, 9], 3)),
  residual: buildGraph(layersToGraph(residual, [1, 5, 7])),
  mlp: buildGraph(presetGraph({ preset: 'mlp', hidden: [9, 5] }, [2, 3, 3], 4)),
  softmax: buildGraph(presetGraph({ preset: 'softmax-regression' }, [11], 2)),
  branches: buildGraph(layersToGraph(branches, [2, 4, 5])),
  everything: buildGraph(layersToGraph(everything, [60])),
};

export const modelCases: readonly ModelCase[] = [
  { title: 'lenet5, 3 samples', graph: graphs.lenet, batch: 3, mode: 'train' },
  { title: 'lenet5, one sample', graph: graphs.lenet, batch: 1, mode: 'train' },
  { title: 'resnet20, 2 samples', graph: graphs.resnet, batch: 2, mode: 'train' },
  { title: 'residual blocks, 3 samples', graph: graphs.residual, batch: 3, mode: 'train' },
  { title: 'mlp, 5 samples', graph: graphs.mlp, batch: 5, mode: 'train' },
  { title: 'softmax regression, 4 samples', graph: graphs.softmax, batch: 4, mode: 'train' },
  { title: 'branches, 3 samples', graph: graphs.branches, batch: 3, mode: 'train' },
  { title: 'every op, 4 samples', graph: graphs.everything, batch: 4, mode: 'train' },
  { title: 'every op, one sample', graph: graphs.everything, batch: 1, mode: 'train' },
  { title: 'every op, evaluation of 5', graph: graphs.everything, batch: 5, mode: 'evaluate' },
  { title: 'resnet20, evaluation of one', graph: graphs.resnet, batch: 1, mode: 'evaluate' },
];
