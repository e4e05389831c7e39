import { describe, expect, it } from 'vitest';
import { LockstepError } from '../errors/lockstep-error.js';
import { fillRunSpec, parseResolvedSpec, parseRunSpec } from './parse-run-spec.js';

const minimal = 'dataset: mnist\nmodel: {preset: lenet5}\n';

function refusal(text: string): LockstepError {
  try {
    parseRunSpec(text, 'spec.yaml');
  } catch (error) {
    if (error instanceof LockstepError) return error;
    throw error;
  }
  throw new Error('expected a refusal');
}

describe('parseRunSpec', () => {
  it('shows what a document says without its control characters and at a length that can be read', () => {
    const painted = refusal(`${minimal}"\\e[31mred\\a": 1\n`);
    expect(painted.problems[0]?.path).toBe('?[31mred?');
    expect(painted.message).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    const long = refusal(`${minimal}? ${'x'.repeat(5000)}\n: 1\n`);
    expect(long.message.length).toBeLessThan(500);
  });

  it('gives the spec as it was written', () => {
    expect(parseRunSpec(minimal)).toEqual({ dataset: 'mnist', model: { preset: 'lenet5' } });
  });

  const refused: [behaviour: string, text: string, message: string][] = [
    [
      'an unknown field, with the field that was meant',
      `${minimal}training:\n  batch_size: 3`,
      'spec.yaml:4:3: training.batch_size: "batch_size" is not a field here. Did you mean "batchSize"?',
    ],
    [
      'an unknown field that looks like none, with the fields there are',
      `${minimal}colour: red`,
      'spec.yaml:3:1: colour: "colour" is not a field here. Known here: name, dataset, model, input, training, validation, checkpoint, lanes, isa.',
    ],
    [
      'a wrong type',
      `${minimal}training: {epochs: ten}`,
      'spec.yaml:3:12: training.epochs: expected a number, got the text "ten".',
    ],
    [
      'a fraction where a count is needed',
      `${minimal}training: {batchSize: 12.5}`,
      'spec.yaml:3:12: training.batchSize: expected a whole number, got 12.5.',
    ],
    [
      'a negative learning rate',
      `${minimal}training:\n  optimizer: {kind: sgd, learningRate: -0.1}`,
      'spec.yaml:4:26: training.optimizer.learningRate: expected a number at least 0, got -0.1.',
    ],
    [
      'a learning rate that is not a number',
      `${minimal}training:\n  optimizer: {kind: adam, learningRate: .nan}`,
      'spec.yaml:4:27: training.optimizer.learningRate: expected a number, got NaN.',
    ],
    [
      'a mistyped preset',
      'dataset: mnist\nmodel: {preset: lenet}',
      'spec.yaml:2:9: model.preset: expected one of lenet5, mlp, softmax-regression, resnet20, got the text "lenet". Did you mean "lenet5"?',
    ],
    [
      'a mistyped field of one of several forms',
      'dataset: mnist\nmodel: {presett: lenet5}',
      'spec.yaml:2:9: model.presett: "presett" is not a field here. Did you mean "preset"?',
    ],
    [
      'an unknown op',
      'dataset: mnist\nmodel:\n  layers:\n    - {op: linear, outFeatures: 10}\n    - {op: conv3d}',
      'spec.yaml:5:8: model.layers[1].op: expected "op" to be one of conv2d, maxPool2d, avgPool2d, linear, batchNorm, relu, tanh, sigmoid, logSoftmax, flatten, add, reshape, dropout, got the text "conv3d". Did you mean "conv2d"?',
    ],
    [
      'a mistyped attribute, once',
      'dataset: mnist\nmodel:\n  layers:\n    - {op: conv2d, outChannels: 3, kernal: 5}',
      'spec.yaml:4:36: model.layers[0].kernal: "kernal" is not a field here. Did you mean "kernel"?',
    ],
    [
      'a missing field',
      'dataset: mnist',
      'spec.yaml:1:1: model: expected a map of fields, but the field is missing. Add it.',
    ],
    [
      'a value of none of the forms',
      'dataset: 5\nmodel: {preset: lenet5}',
      'spec.yaml:1:1: dataset: expected text or a map of fields, got 5.',
    ],
    ['a document that is no map', 'lenet5', 'spec.yaml:1:1: expected a map of fields, got the text "lenet5".'],
    [
      'a huge dimension',
      'dataset: mnist\nmodel: {layers: [{op: linear, outFeatures: 1000000000000}]}',
      'spec.yaml:2:31: model.layers[0].outFeatures: expected a number at most 16777216, got 1000000000000.',
    ],
    [
      'a name beyond ASCII',
      `${minimal}name: "☃"`,
      'spec.yaml:3:1: name: expected a name: a letter, then up to 63 letters, digits, "_" or "-".',
    ],
  ];
  it.each(refused)('refuses %s', (_, text, message) => {
    expect(refusal(text).message).toBe(message);
  });

  it('tells unknown fields apart by their code', () => {
    expect(refusal(`${minimal}colour: red`).code).toBe('bad-input.unknown-field');
    expect(refusal(`${minimal}lanes: x`).code).toBe('bad-input.field');
  });

  it('tells every problem at once, up to ten in the message', () => {
    expect(refusal(`${minimal}lanes: 0\nisa: sse\nfoo: 1`).problems.map((problem) => problem.line)).toEqual([3, 4, 5]);
    const layers = Array.from({ length: 30 }, () => '    - {op: x}').join('\n');
    const error = refusal(`dataset: mnist\nmodel:\n  layers:\n${layers}`);
    expect(error.problems).toHaveLength(30);
    expect(error.message).toContain('… and 20 more problems.');
  });

  it('keeps control characters and long texts out of messages', () => {
    const { message } = refusal(`${minimal}isa: "\\e[31m${'x'.repeat(500)}"`);
    expect(message).not.toContain('\u001b');
    expect(message.length).toBeLessThan(200);
  });
});

describe('fillRunSpec', () => {
  it('fills the defaults that need no data', () => {
    expect(fillRunSpec({ dataset: 'mnist', model: { preset: 'lenet5' } })).toEqual({
      dataset: 'mnist',
      model: { preset: 'lenet5' },
      training: {
        epochs: 1,
        batchSize: 128,
        seed: 1,
        shuffle: 'global',
        optimizer: { kind: 'sgd', learningRate: 0.01, momentum: 0, weightDecay: 0 },
        schedule: { kind: 'constant' },
      },
      validation: { batchSize: 1000, everyEpochs: 1 },
      checkpoint: { everySeconds: 30, keepLast: 2, keepBest: 1 },
    });
  });

  it('fills the defaults of Adam and of early stopping', () => {
    const { training } = fillRunSpec({
      dataset: { folder: 'data' },
      model: { preset: 'mlp', hidden: [64] },
      training: { optimizer: { kind: 'adam' }, earlyStopping: { patience: 3 } },
    });
    expect(training.optimizer).toEqual({
      kind: 'adam',
      learningRate: 0.001,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      weightDecay: 0,
    });
    expect(training.earlyStopping).toEqual({ metric: 'loss', patience: 3, minDelta: 0 });
  });
});

describe('parseResolvedSpec', () => {
  it('refuses a spec with anything left open', () => {
    expect(() => parseResolvedSpec({ specVersion: 1, name: 'a' })).toThrow(LockstepError);
    expect(() => parseResolvedSpec(null)).toThrow(/expected a map of fields/);
  });
});
