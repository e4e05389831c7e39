import { readFileSync } from 'node:fs';
import { LockstepError, parseResolvedSpec, type RunSpec } from '@lockstep/contracts';
import { describe, expect, it } from 'vitest';
import { buildGraph } from '../ops/build-graph.js';
import type { DatasetFacts } from './dataset-facts.js';
import { resolveRunSpec } from './resolve-run-spec.js';
import { versions } from './versions.js';

const mnist: DatasetFacts = {
  dataset: { kind: 'sample', name: 'mnist' },
  version: 'ab'.repeat(32),
  trainSamples: 60_000,
  validationSamples: 10_000,
  sampleShape: [1, 28, 28],
  classes: 10,
  dtype: 'uint8',
  defaultInput: { mean: [0.1307], std: [0.3081] },
};
const lenet: RunSpec = { dataset: 'mnist', model: { preset: 'lenet5' } };
const resnet: RunSpec = { dataset: 'mnist', model: { preset: 'resnet20' } };

function training(values: RunSpec['training'], spec = lenet): RunSpec {
  return { ...spec, training: values };
}

function layers(...list: Extract<RunSpec['model'], { layers: unknown }>['layers']): RunSpec {
  return { dataset: 'mnist', model: { layers: list } };
}

function refusal(spec: RunSpec, facts: Partial<DatasetFacts> = {}, memoryCapBytes?: number): LockstepError {
  try {
    resolveRunSpec(spec, { ...mnist, ...facts }, memoryCapBytes === undefined ? {} : { memoryCapBytes });
  } catch (error) {
    if (error instanceof LockstepError) return error;
    throw error;
  }
  throw new Error('the spec was not refused');
}

describe('resolveRunSpec', () => {
  it('writes out every default', () => {
    const { graph, ...rest } = resolveRunSpec(lenet, mnist);
    expect(rest).toEqual({
      specVersion: 1,
      name: 'lenet5',
      dataset: { kind: 'sample', name: 'mnist' },
      data: {
        version: mnist.version,
        trainSamples: 60_000,
        validationSamples: 10_000,
        sampleShape: [1, 28, 28],
        classes: 10,
        dtype: 'uint8',
      },
      input: { mean: [0.1307], std: [0.3081] },
      training: {
        epochs: 1,
        batchSize: 128,
        seed: 1,
        shuffle: 'global',
        optimizer: { kind: 'sgd', learningRate: 0.01, momentum: 0, weightDecay: 0 },
        schedule: { kind: 'constant' },
        earlyStopping: null,
      },
      validation: { batchSize: 1000, everyEpochs: 1 },
      checkpoint: { everySeconds: 30, keepLast: 2, keepBest: 1 },
      lanes: 8,
      evaluationLanes: 32,
      isa: 'avx512_core',
      numericsVersion: 1,
      versions,
    });
    expect(graph.nodes[0]).toEqual({
      name: 'conv1',
      op: 'conv2d',
      inputs: ['input'],
      outChannels: 6,
      kernel: [5, 5],
      stride: [1, 1],
      padding: [0, 0],
      bias: true,
    });
  });

  it('is a fixed point: its graph builds, it parses, and it survives JSON', () => {
    const resolved = resolveRunSpec(training({ batchSize: 64, earlyStopping: { patience: 2 } }, resnet), mnist);
    expect(parseResolvedSpec(JSON.parse(JSON.stringify(resolved)))).toEqual(resolved);
    const again = resolveRunSpec({ ...resnet, model: { graph: resolved.graph }, training: { batchSize: 64 } }, mnist);
    expect(again.graph).toEqual(resolved.graph);
    expect(buildGraph(resolved.graph).nodes).toHaveLength(74);
  });

  it('records the versions of the packages', () => {
    const versionOf = (name: string): unknown =>
      JSON.parse(readFileSync(new URL(`../../../${name}/package.json`, import.meta.url), 'utf8')).version;
    expect(versions).toEqual({ engine: versionOf('engine'), kernels: versionOf('kernels-native') });
  });

  it('spreads one number over the channels and takes one a channel', () => {
    const spec = layers({ op: 'flatten' }, { op: 'linear', outFeatures: 10 });
    const facts: DatasetFacts = { ...mnist, sampleShape: [3, 4, 4], defaultInput: { mean: [1, 2, 3], std: [4, 5, 6] } };
    expect(resolveRunSpec(spec, facts).input).toEqual({ mean: [1, 2, 3], std: [4, 5, 6] });
    expect(resolveRunSpec({ ...spec, input: { mean: 0.5 } }, facts).input).toEqual({
      mean: [0.5, 0.5, 0.5],
      std: [4, 5, 6],
    });
  });

  it('normalises nothing where nothing is known', () => {
    const { defaultInput: _, ...facts } = mnist;
    expect(resolveRunSpec(lenet, facts).input).toEqual({ mean: [0], std: [1] });
  });

  it('evaluates a small split as one batch, on no fewer lanes than training has', () => {
    const resolved = resolveRunSpec(training({ batchSize: 12 }), { ...mnist, validationSamples: 30 });
    expect(resolved.validation.batchSize).toBe(30);
    expect(resolved.lanes).toBe(1);
    expect(resolveRunSpec({ ...lenet, lanes: 64 }, mnist).evaluationLanes).toBe(64);
  });

  it('allows a dataset without validation samples', () => {
    expect(resolveRunSpec(lenet, { ...mnist, validationSamples: 0 }).validation.batchSize).toBe(1);
  });

  it('allows the smallest batch norm lane', () => {
    expect(resolveRunSpec({ ...training({ batchSize: 128 }, resnet), lanes: 16 }, mnist).lanes).toBe(16);
  });
});

describe('resolveRunSpec refuses, with the code, the place, what was expected, what came and what to do', () => {
  it.each<[string, () => LockstepError, string, string, RegExp]>([
    [
      'a batch larger than the data',
      () => refusal(training({ batchSize: 61 }), { trainSamples: 60 }),
      'bad-input.batch-size',
      'training.batchSize',
      /at most the 60 training samples, got 61/,
    ],
    [
      'lanes that are no power of two',
      () => refusal({ ...lenet, lanes: 6 }),
      'bad-input.lanes',
      'lanes',
      /a power of two, got 6. To fix it, use 4 or 8/,
    ],
    [
      'more lanes than samples',
      () => refusal({ ...training({ batchSize: 12 }), lanes: 16 }),
      'bad-input.lanes',
      'lanes',
      /one lane for each of the 12 samples of a batch, got 16/,
    ],
    [
      'batch norm over small lanes',
      () => refusal({ ...training({ batchSize: 127 }, resnet), lanes: 16 }),
      'bad-input.batch-norm-lane',
      'lanes',
      /at least 8 samples a lane for the batch norm 'conv1-bn', got 7 \(a batch of 127 over 16 lanes\).*at least 128/,
    ],
    [
      'batch norm over a small batch',
      () => refusal(training({ batchSize: 7 }, resnet)),
      'bad-input.batch-norm-lane',
      'lanes',
      /over 1 lane\).*use a batch of at least 8/,
    ],
    [
      'another number of classes',
      () => refusal(layers({ op: 'flatten' }, { name: 'out', op: 'linear', outFeatures: 9 })),
      'bad-input.classes',
      'model.layers',
      /as the dataset has classes, 10, got 9 from 'out'.*outFeatures.*10/,
    ],
    [
      'an impossible shape',
      () => refusal(layers({ op: 'flatten' }, { op: 'conv2d', outChannels: 3, kernel: 3 })),
      'bad-input.graph',
      'model.layers[1]',
      /conv1 \(conv2d\): expected an input of shape \[channels, height, width\], got \[784\]/,
    ],
    [
      'an impossible shape in a graph',
      () =>
        refusal({
          dataset: 'mnist',
          model: {
            graph: {
              inputs: [{ name: 'x', shape: [1, 28, 28] }],
              nodes: [
                { name: 'a', op: 'logSoftmax', inputs: ['b'] },
                { name: 'b', op: 'linear', outFeatures: 10, inputs: ['x'] },
              ],
              output: 'a',
            },
          },
        }),
      'bad-input.graph',
      'model.graph.nodes[1]',
      /b \(linear\)/,
    ],
    [
      'an input of another shape',
      () =>
        refusal({
          dataset: 'mnist',
          model: {
            graph: {
              inputs: [{ name: 'x', shape: [784] }],
              nodes: [
                { name: 'a', op: 'logSoftmax', inputs: ['b'] },
                { name: 'b', op: 'linear', outFeatures: 10, inputs: ['x'] },
              ],
              output: 'a',
            },
          },
        }),
      'bad-input.graph',
      'model.graph.inputs[0].shape',
      /samples, \[1, 28, 28\], got \[784\]/,
    ],
    [
      'a preset that does not fit the images',
      () => refusal(lenet, { sampleShape: [1, 10, 10] }),
      'bad-input.graph',
      'model.preset',
      /conv2 \(conv2d\)/,
    ],
    [
      'a model without parameters',
      () => refusal(layers({ op: 'flatten' }), { sampleShape: [10, 1, 1] }),
      'bad-input.graph',
      'model.layers',
      /parameters to train, got none/,
    ],
    [
      'hidden layers of another preset',
      () => refusal({ dataset: 'mnist', model: { preset: 'lenet5', hidden: [3] } }),
      'bad-input.graph',
      'model.hidden',
      /only for the preset mlp/,
    ],
    [
      'huge shapes',
      () =>
        refusal(layers({ op: 'flatten' }, { op: 'linear', outFeatures: 2_500_000 }, { op: 'linear', outFeatures: 10 })),
      'bad-input.memory',
      'model',
      /at most 64.0 GiB, got an estimate of \d+\.\d GiB \(parameters/,
    ],
    [
      'more memory than the machine has',
      () => refusal(lenet, {}, 1e6),
      'bad-input.memory',
      'model',
      /at most 976.6 KiB/,
    ],
    [
      'results beyond 32-bit offsets',
      () =>
        refusal(
          {
            ...layers(
              { op: 'conv2d', outChannels: 65536, kernel: 1 },
              { op: 'avgPool2d', kernel: 28 },
              { op: 'flatten' },
              { op: 'linear', outFeatures: 10 },
            ),
            training: { batchSize: 512 },
            lanes: 1,
          },
          {},
          1e15,
        ),
      'bad-input.memory',
      'training.batchSize',
      /2147483647 elements a lane, got \d+ for 'conv1', \[65536, 28, 28\] for each of 512/,
    ],
    [
      'early stopping without validation',
      () => refusal(training({ earlyStopping: { patience: 3 } }), { validationSamples: 0 }),
      'bad-input.validation',
      'training.earlyStopping',
      /validation samples/,
    ],
    [
      'a schedule out of order',
      () => refusal(training({ schedule: { kind: 'step', factor: 0.1, epochs: [3, 8, 8] } })),
      'bad-input.schedule',
      'training.schedule.epochs[2]',
      /ascending order, got 8 after 8/,
    ],
    [
      'a schedule that explodes',
      () => refusal(training({ schedule: { kind: 'step', factor: 1000, epochs: [1, 2, 3, 4] } })),
      'bad-input.schedule',
      'training.schedule.factor',
      /at or below 1000000, got 10000000000 in the end/,
    ],
    [
      'a momentum that rounds to 1',
      () => refusal(training({ optimizer: { kind: 'sgd', momentum: 0.999999999 } })),
      'bad-input.optimizer',
      'training.optimizer.momentum',
      /rounds to 1/,
    ],
    [
      'a beta that rounds to 1',
      () => refusal(training({ optimizer: { kind: 'adam', beta2: 0.999999999 } })),
      'bad-input.optimizer',
      'training.optimizer.beta2',
      /rounds to 1/,
    ],
    [
      'an epsilon that rounds to 0',
      () => refusal(training({ optimizer: { kind: 'adam', epsilon: 1e-60 } })),
      'bad-input.optimizer',
      'training.optimizer.epsilon',
      /at least 1e-30/,
    ],
    [
      'more steps than counters have',
      () => refusal(training({ epochs: 10_000, batchSize: 1 }), { trainSamples: 2 ** 32 }),
      'bad-input.steps',
      'training.epochs',
      /at most 2147483648 steps/,
    ],
    [
      'means of another number of channels',
      () => refusal({ ...lenet, input: { mean: [0, 0, 0] } }),
      'bad-input.input',
      'input.mean',
      /one number, or 1 for the channels.*got 3 numbers/,
    ],
    [
      'a mean beyond float32',
      () => refusal({ ...lenet, input: { mean: 1e39 } }),
      'bad-input.input',
      'input.mean',
      /got 1e\+39/,
    ],
    [
      'a standard deviation of almost 0',
      () => refusal({ ...lenet, input: { std: 1e-40 } }),
      'bad-input.input',
      'input.std',
      /got 1e-40/,
    ],
  ])('%s', (_title, refuse, code, path, message) => {
    const error = refuse();
    expect(error.message).toMatch(message);
    expect(error.message).toContain('To fix it, ');
    expect(error.code).toBe(code);
    expect(error.problems[0]?.path).toBe(path);
  });

  it.each<[string, unknown, string]>([
    ['an unknown field', { ...lenet, epochs: 3 }, 'bad-input.unknown-field'],
    ['a negative learning rate', training({ optimizer: { kind: 'sgd', learningRate: -0.1 } }), 'bad-input.field'],
    ['a wrong type', training({ batchSize: 'many' as unknown as number }), 'bad-input.field'],
  ])('%s, by its structure', (_title, spec, code) => {
    expect(refusal(spec as RunSpec).code).toBe(code);
  });
});
