import type { RunSpec } from '@lockstep/contracts';
import type { DataOptions } from './session-data.js';

/** A small run: model, data and settings, small enough for many sessions, odd enough to have every kind of lane. */
export interface SessionCase {
  name: string;
  data: DataOptions;
  spec: Omit<RunSpec, 'dataset'>;
}

/** 8 lanes over 20 samples a batch (lanes of 2 and 3), 7 steps an epoch; the last batch of 5 has lanes of one and of none. */
const lenet: SessionCase = {
  name: 'LeNet, tanh, momentum and decay',
  data: { shape: [1, 12, 12], classes: 4, trainSamples: 125, validationSamples: 45 },
  spec: {
    model: {
      layers: [
        { op: 'conv2d', outChannels: 6, kernel: 3 },
        { op: 'tanh' },
        { op: 'maxPool2d', kernel: 2 },
        { op: 'conv2d', outChannels: 12, kernel: 2 },
        { op: 'tanh' },
        { op: 'maxPool2d', kernel: 2 },
        { op: 'flatten' },
        { op: 'linear', outFeatures: 20 },
        { op: 'tanh' },
        { op: 'linear', outFeatures: 4 },
      ],
    },
    training: {
      batchSize: 20,
      seed: 5,
      optimizer: { kind: 'sgd', learningRate: 0.05, momentum: 0.9, weightDecay: 1e-3 },
    },
    validation: { batchSize: 16 },
    lanes: 8,
  },
};

/** Lanes of 16: native kernels that work on samples side by side. */
const wideLanes: SessionCase = {
  ...lenet,
  name: 'LeNet over lanes of sixteen',
  data: { ...lenet.data, trainSamples: 300 },
  spec: { ...lenet.spec, training: { ...lenet.spec.training, batchSize: 128 }, lanes: 8 },
};

const mlp: SessionCase = {
  name: 'MLP with dropout, Adam, windowed order, float data',
  data: { shape: [3, 4, 5], classes: 3, trainSamples: 101, validationSamples: 33, dtype: 'float32' },
  spec: {
    model: {
      layers: [
        { op: 'flatten' },
        { op: 'linear', outFeatures: 33 },
        { op: 'relu' },
        { op: 'dropout', rate: 0.25 },
        { op: 'linear', outFeatures: 17 },
        { op: 'sigmoid' },
        { op: 'linear', outFeatures: 3 },
      ],
    },
    input: { mean: [0.1, 0, -0.1], std: [0.5, 1, 2] },
    training: {
      batchSize: 24,
      seed: 6,
      shuffle: { window: 30 },
      optimizer: { kind: 'adam', learningRate: 0.01, weightDecay: 0.01 },
    },
    validation: { batchSize: 33 },
    lanes: 8,
  },
};

/** Large enough that three ranks share the sum (its vector has more than one shard chunk a rank). */
const residual: SessionCase = {
  name: 'residual blocks with batch norm, momentum',
  data: { shape: [3, 10, 10], classes: 3, trainSamples: 150, validationSamples: 40 },
  spec: {
    model: {
      layers: [
        { name: 'stem', op: 'conv2d', outChannels: 16, kernel: 3, padding: 1, bias: false },
        { name: 'bn0', op: 'batchNorm' },
        { name: 'relu0', op: 'relu' },
        { name: 'conv1', op: 'conv2d', outChannels: 16, kernel: 3, padding: 1, bias: false },
        { name: 'bn1', op: 'batchNorm' },
        { name: 'relu1', op: 'relu' },
        { name: 'conv2', op: 'conv2d', outChannels: 16, kernel: 3, padding: 1, bias: false },
        { name: 'bn2', op: 'batchNorm' },
        { name: 'add1', op: 'add', inputs: ['bn2', 'relu0'] },
        { name: 'relu2', op: 'relu' },
        { name: 'conv3', op: 'conv2d', outChannels: 20, kernel: 3, stride: 2, padding: 1, bias: false },
        { name: 'bn3', op: 'batchNorm' },
        { name: 'relu3', op: 'relu' },
        { name: 'pool', op: 'avgPool2d', kernel: 5 },
        { op: 'flatten' },
        { op: 'linear', outFeatures: 3 },
      ],
    },
    training: { batchSize: 64, seed: 7, optimizer: { kind: 'sgd', learningRate: 0.05, momentum: 0.9, weightDecay: 0 } },
    validation: { batchSize: 40 },
    lanes: 8,
  },
};

/** One layer, plain SGD, data in order, 16 lanes of one sample. */
const softmax: SessionCase = {
  name: 'softmax regression, one sample a lane',
  data: { shape: [7], classes: 2, trainSamples: 70, validationSamples: 20 },
  spec: {
    model: { preset: 'softmax-regression' },
    training: { batchSize: 16, seed: 8, shuffle: 'none', optimizer: { kind: 'sgd', learningRate: 0.1 } },
    validation: { batchSize: 7 },
    lanes: 16,
  },
};

export const sessionCases: readonly SessionCase[] = [lenet, wideLanes, mlp, residual, softmax];
export const namedCases = { lenet, wideLanes, mlp, residual, softmax };
