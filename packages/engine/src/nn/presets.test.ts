import { LockstepError } from '@lockstep/contracts';
import { describe, expect, it } from 'vitest';
import { elementCount } from '../graph/elements.js';
import type { Graph } from '../graph/types.js';
import { buildGraph } from '../ops/build-graph.js';
import { layersToGraph } from './layers-to-graph.js';
import { presetGraph } from './preset-graph.js';

function parameterCount(graph: Graph): number {
  const parameters = graph.nodes.flatMap((node) => node.parameters);
  return parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0);
}

describe('presets', () => {
  it('lenet5 has the 22,278 parameters of BigDL’s', () => {
    expect(parameterCount(buildGraph(presetGraph({ preset: 'lenet5' }, [1, 28, 28], 10)))).toBe(22_278);
  });

  it('resnet20 has the 272,474 parameters of the paper’s with projections', () => {
    expect(parameterCount(buildGraph(presetGraph({ preset: 'resnet20' }, [3, 32, 32], 10)))).toBe(272_474);
  });

  it('softmax-regression is one linear layer', () => {
    expect(parameterCount(buildGraph(presetGraph({ preset: 'softmax-regression' }, [1, 28, 28], 10)))).toBe(7850);
  });

  it('mlp has the hidden layers asked for, [128] if none', () => {
    const parameters = (hidden?: number[]): number =>
      parameterCount(buildGraph(presetGraph({ preset: 'mlp', hidden }, [1, 28, 28], 10)));
    expect(parameters([5, 7])).toBe(784 * 5 + 5 + 5 * 7 + 7 + 7 * 10 + 10);
    expect(parameters()).toBe(784 * 128 + 128 + 128 * 10 + 10);
  });

  it('resnet20 adapts to every size from 8x8 and any channels and classes', () => {
    for (let height = 8; height < 40; height += 1) {
      for (const width of [8, 9, 10, 11, 12, 31]) {
        const graph = buildGraph(presetGraph({ preset: 'resnet20' }, [2, height, width], 7));
        expect(graph.nodes.find(({ name }) => name === 'pool')?.shape).toEqual([64, 1, 1]);
        expect(graph.nodes.at(-1)?.shape).toEqual([7]);
      }
    }
  });

  it.each([[[1, 7, 28]], [[28, 28]], [[784]]])('resnet20 refuses samples %j', (shape) => {
    expect(() => presetGraph({ preset: 'resnet20' }, shape, 10)).toThrow(/sides of at least 8/);
  });

  it('lenet5 refuses images that its kernels do not fit, naming the layer', () => {
    expect(() => buildGraph(presetGraph({ preset: 'lenet5' }, [1, 12, 12], 10))).toThrow(/conv2 \(conv2d\)/);
  });
});

describe('layersToGraph', () => {
  it('names layers, connects them and adds the log-softmax', () => {
    const spec = layersToGraph(
      [
        { op: 'conv2d', outChannels: 2, kernel: 3 },
        { op: 'relu' },
        { name: 'conv2', op: 'relu' },
        { op: 'conv2d', outChannels: 2, kernel: 3 },
        { op: 'add', inputs: ['conv3', 'conv3'] },
      ],
      [1, 9, 9],
    );
    expect(spec.nodes.map(({ name, inputs }) => [name, ...inputs])).toEqual([
      ['conv1', 'input'],
      ['relu1', 'conv1'],
      ['conv2', 'relu1'],
      ['conv3', 'conv2'],
      ['add1', 'conv3', 'conv3'],
      ['logSoftmax1', 'add1'],
    ]);
    expect(spec.output).toBe('logSoftmax1');
  });

  it('adds no second log-softmax', () => {
    const spec = layersToGraph(
      [
        { op: 'linear', outFeatures: 3 },
        { name: 'out', op: 'logSoftmax' },
      ],
      [4],
    );
    expect(spec.nodes).toHaveLength(2);
    expect(spec.output).toBe('out');
  });

  it('refuses an add that does not say what it adds', () => {
    try {
      layersToGraph([{ op: 'relu' }, { op: 'add' }], [4]);
      expect.fail('not refused');
    } catch (error) {
      expect(error).toBeInstanceOf(LockstepError);
      expect((error as LockstepError).problems[0]?.path).toBe('model.layers[1]');
    }
  });

  it('refuses an empty list', () => {
    expect(() => layersToGraph([], [4])).toThrow(LockstepError);
  });
});
