import type { LayerSpec } from '@lockstep/contracts';
import { describe, expect, it } from 'vitest';
import { layersToGraph } from '../nn/layers-to-graph.js';
import { presetGraph } from '../nn/preset-graph.js';
import { buildGraph } from '../ops/build-graph.js';
import { references } from '../ops/references.js';
import { buildLaneProgram } from './build-lane-program.js';
import type { LaneProgram } from './program.js';

const lenet = buildGraph(presetGraph({ preset: 'lenet5' }, [1, 28, 28], 10));
const resnet = buildGraph(presetGraph({ preset: 'resnet20' }, [1, 8, 8], 10));

function programOf(
  layers: LayerSpec[],
  shape: number[],
  batch: number,
  mode: 'train' | 'evaluate' = 'train',
): LaneProgram {
  return buildLaneProgram(buildGraph(layersToGraph(layers, shape)), { batch, mode });
}

describe('buildLaneProgram', () => {
  it('computes no gradient by the input', () => {
    const { calls } = buildLaneProgram(lenet, { batch: 16, mode: 'train' });
    const gradients = calls.filter(({ kernel }) => kernel.startsWith('conv2d.grad'));
    expect(gradients.map(({ kernel, node }) => `${node} ${kernel}`)).toEqual([
      'conv2 conv2d.gradWeights',
      'conv2 conv2d.gradData',
      'conv1 conv2d.gradWeights',
    ]);
  });

  it('computes no gradient of layers before the first parameters', () => {
    const { calls } = programOf([{ op: 'tanh' }, { op: 'flatten' }, { op: 'linear', outFeatures: 2 }], [1, 3, 3], 2);
    expect(calls.some(({ kernel }) => kernel === 'tanh.grad' || kernel === 'linear.gradData')).toBe(false);
  });

  it.each([
    ['lenet5', lenet, 16, 'train'],
    ['lenet5', lenet, 1, 'evaluate'],
    ['resnet20', resnet, 2, 'train'],
    ['resnet20', resnet, 1, 'train'],
    ['resnet20', resnet, 3, 'evaluate'],
  ] as const)(
    '%s: every value is written once, before it is read, by a kernel that has a reference',
    (_name, graph, batch, mode) => {
      const program = buildLaneProgram(graph, { batch, mode });
      const given = new Set(['input', 'label', 'parameter', 'buffer']);
      const written = new Set(program.values.filter(({ kind }) => given.has(kind)).map(({ id }) => id));
      for (const call of program.calls) {
        expect(references.has(call.kernel), call.kernel).toBe(true);
        for (const id of Object.values(call.inputs)) expect(written.has(id), `${call.kernel} ${call.node}`).toBe(true);
        for (const id of Object.values(call.outputs)) {
          expect(written.has(id), `${call.kernel} ${call.node}`).toBe(false);
          written.add(id);
        }
      }
      expect(program.values.every(({ id }, index) => id === index && written.has(id))).toBe(true);
      expect(new Set(program.values.map(({ kind, name }) => `${kind} ${name}`)).size).toBe(program.values.length);
      expect(program.calls[program.forwardCalls - 1]?.kernel).toBe('nllLoss.forward');
    },
  );

  it('adds the gradients of several consumers, the last consumer first', () => {
    const program = programOf(
      [
        { name: 'fc', op: 'linear', outFeatures: 3 },
        { name: 'a', op: 'tanh', inputs: ['fc'] },
        { name: 'b', op: 'sigmoid', inputs: ['fc'] },
        { name: 'sum', op: 'add', inputs: ['a', 'b'] },
      ],
      [5],
      2,
    );
    const backward = program.calls.slice(program.forwardCalls);
    expect(backward.map(({ kernel }) => kernel)).toEqual([
      'nllLoss.grad',
      'logSoftmax.grad',
      'sigmoid.grad',
      'tanh.grad',
      'add.forward',
      'linear.gradWeights',
    ]);
    const [, , sigmoid, tanh, add] = backward;
    expect(add?.inputs).toEqual({ a: sigmoid?.outputs.dx, b: tanh?.outputs.dx });
  });

  it('gives the lane’s statistics with its true counts', () => {
    const { calls, values } = programOf(
      [
        { name: 'conv', op: 'conv2d', outChannels: 4, kernel: 1 },
        { name: 'bn', op: 'batchNorm' },
        { op: 'flatten' },
        { op: 'linear', outFeatures: 2 },
      ],
      [1, 3, 5],
      7,
    );
    const call = calls.find(({ kernel }) => kernel === 'batchNorm.statistics');
    expect(call?.attributes).toEqual({ samples: 7, spatial: 15 });
    expect(values.filter(({ kind }) => kind === 'statistic').map(({ name, shape }) => [name, shape])).toEqual([
      ['bn.batchMean', [4]],
      ['bn.batchVariance', [4]],
    ]);
  });

  it('normalises a lane of one sample by the running statistics, which it does not touch', () => {
    const { calls, values } = buildLaneProgram(resnet, { batch: 1, mode: 'train' });
    const kernels = new Set(calls.map(({ kernel }) => kernel).filter((kernel) => kernel.startsWith('batchNorm')));
    expect([...kernels]).toEqual(['batchNorm.forwardRunning', 'batchNorm.gradRunning']);
    expect(values.some(({ kind }) => kind === 'statistic')).toBe(false);
  });

  it('leaves dropout out of evaluation', () => {
    const layers: LayerSpec[] = [
      { op: 'dropout', rate: 0.5 },
      { op: 'linear', outFeatures: 2 },
    ];
    expect(programOf(layers, [3], 2).calls[0]?.kernel).toBe('dropout.forward');
    expect(programOf(layers, [3], 2, 'evaluate').calls[0]?.kernel).toBe('linear.forward');
  });

  it('takes no empty lane', () => {
    expect(() => buildLaneProgram(lenet, { batch: 0, mode: 'train' })).toThrow(/at least one sample/);
  });
});
