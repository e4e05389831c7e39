import { type GraphSpec, LockstepError } from '@lockstep/contracts';
import { describe, expect, it } from 'vitest';
import { graphToSpec } from '../graph/graph-to-spec.js';
import { layerTable } from '../graph/layer-table.js';
import { presetGraph } from '../nn/preset-graph.js';
import { buildGraph } from './build-graph.js';

const good: GraphSpec = {
  inputs: [{ name: 'image', shape: [1, 6, 6] }],
  nodes: [
    { name: 'logp', op: 'logSoftmax', inputs: ['fc'] },
    { name: 'fc', op: 'linear', inputs: ['flat'], outFeatures: 3 },
    { name: 'flat', op: 'flatten', inputs: ['conv'] },
    { name: 'conv', op: 'conv2d', inputs: ['image'], outChannels: 2, kernel: 3 },
  ],
  output: 'logp',
};

function withNodes(...nodes: GraphSpec['nodes']): GraphSpec {
  const names = new Set(nodes.map(({ name }) => name));
  return { ...good, nodes: [...good.nodes.filter(({ name }) => !names.has(name)), ...nodes] };
}

function refusal(spec: GraphSpec): LockstepError {
  try {
    buildGraph(spec);
  } catch (error) {
    if (error instanceof LockstepError) return error;
    throw error;
  }
  throw new Error('the graph was not refused');
}

describe('buildGraph', () => {
  it('sorts nodes and infers shapes, parameters and defaults', () => {
    const graph = buildGraph(good);
    expect(graph.nodes.map(({ name, shape }) => [name, shape])).toEqual([
      ['conv', [2, 4, 4]],
      ['flat', [32]],
      ['fc', [3]],
      ['logp', [3]],
    ]);
    expect(graph.nodes[0]?.attributes).toEqual({
      outChannels: 2,
      kernel: [3, 3],
      stride: [1, 1],
      padding: [0, 0],
      bias: 1,
    });
    expect(graph.nodes[0]?.parameters).toEqual([
      { name: 'conv.weight', shape: [2, 1, 3, 3], init: { kind: 'uniform', bound: 1 / 3 } },
      { name: 'conv.bias', shape: [2], init: { kind: 'uniform', bound: 1 / 3 } },
    ]);
  });

  it('keeps the order of a spec that is sorted already, and its own spec builds the same graph', () => {
    const graph = buildGraph(presetGraph({ preset: 'resnet20' }, [3, 32, 32], 10));
    const spec = graphToSpec(graph);
    expect(buildGraph(spec)).toEqual(graph);
    expect(spec.nodes.map(({ name }) => name)).toEqual(graph.nodes.map(({ name }) => name));
  });

  it('builds a chain of as many nodes as are allowed, named backwards', () => {
    const links = Array.from({ length: 1998 }, (_, index) => ({
      name: `n${index}`,
      op: 'relu' as const,
      inputs: [index === 1997 ? 'image' : `n${index + 1}`],
    }));
    const spec: GraphSpec = {
      inputs: [{ name: 'image', shape: [3] }],
      nodes: [{ name: 'logp', op: 'logSoftmax', inputs: ['n0'] }, ...links],
      output: 'logp',
    };
    expect(buildGraph(spec).nodes[0]?.name).toBe('n1997');
  });

  it('takes names that are properties of every object', () => {
    const spec = withNodes(
      { name: 'constructor', op: 'relu', inputs: ['image'] },
      {
        name: 'conv',
        op: 'conv2d',
        inputs: ['constructor'],
        outChannels: 2,
        kernel: 3,
      },
    );
    expect(buildGraph(spec).nodes[0]?.name).toBe('constructor');
  });

  it('makes a table of layers', () => {
    const [conv] = layerTable(buildGraph(good));
    expect(conv).toEqual({ name: 'conv', op: 'conv2d', outputShape: [2, 4, 4], parameters: 20, flops: 32 * 19 });
  });
});

describe('buildGraph refuses, saying what it expected, what came and what to do', () => {
  it.each<[string, GraphSpec, string | undefined, RegExp]>([
    [
      'an unknown input',
      withNodes({ name: 'fc', op: 'linear', inputs: ['flatt'], outFeatures: 3 }),
      'fc',
      /fc \(linear\): expected inputs that are names of nodes or of graph inputs, got 'flatt'. To fix it, use one of 'image'/,
    ],
    [
      'a cycle',
      withNodes({ name: 'flat', op: 'flatten', inputs: ['fc'] }),
      undefined,
      /expected nodes without a cycle, got 'fc' -> 'flat' -> 'fc'/,
    ],
    ['a node that reads itself', withNodes({ name: 'fc', op: 'relu', inputs: ['fc'] }), undefined, /'fc' -> 'fc'/],
    [
      'a name twice',
      { ...good, nodes: [...good.nodes, good.nodes[0] as (typeof good.nodes)[0]] },
      undefined,
      /'logp' twice/,
    ],
    [
      'a node named as the input',
      withNodes({ name: 'image', op: 'relu', inputs: ['flat'] }),
      undefined,
      /'image' twice/,
    ],
    [
      'too many inputs',
      withNodes({ name: 'fc', op: 'linear', inputs: ['flat', 'conv'], outFeatures: 3 }),
      'fc',
      /expected one input, got 2/,
    ],
    ['too few inputs', withNodes({ name: 'fc', op: 'add', inputs: ['flat'] }), 'fc', /expected 2 inputs, got 1/],
    [
      'an unused node',
      withNodes({ name: 'spare', op: 'relu', inputs: ['conv'] }),
      'spare',
      /every node to lead to the output 'logp'/,
    ],
    [
      'an unused input',
      { ...good, inputs: [...good.inputs, { name: 'other', shape: [1] }] },
      undefined,
      /every graph input to be used, got 'other'/,
    ],
    [
      'an unknown output',
      { ...good, output: 'nothing' },
      undefined,
      /'output' to be the name of a node, got 'nothing'/,
    ],
    [
      'an output that is an input',
      { ...good, output: 'image' },
      undefined,
      /'output' to be the name of a node, got 'image'/,
    ],
    [
      'an output of another op',
      { ...good, output: 'fc' },
      'fc',
      /output to be a logSoftmax of shape \[classes\], got a linear/,
    ],
    [
      'a linear layer over maps',
      withNodes({ name: 'fc', op: 'linear', inputs: ['conv'], outFeatures: 3 }),
      'fc',
      /put a flatten before it/,
    ],
    [
      'a kernel larger than the image',
      withNodes({ name: 'conv', op: 'conv2d', inputs: ['image'], outChannels: 2, kernel: [3, 7] }),
      'conv',
      /width plus padding is at least the kernel's 7, got \[1, 6, 6\] from 'image', width 6 with padding/,
    ],
    [
      'a parameter above the limit of elements',
      withNodes(
        { name: 'fc', op: 'linear', inputs: ['flat'], outFeatures: 2 ** 24 },
        {
          name: 'conv',
          op: 'conv2d',
          inputs: ['image'],
          outChannels: 512,
          kernel: 3,
        },
      ),
      'fc',
      /'fc.weight' of at most 2147483647 elements, got \[16777216, 8192\]/,
    ],
    [
      'a result above the limit of elements',
      withNodes(
        { name: 'conv', op: 'conv2d', inputs: ['image'], outChannels: 2 ** 24, kernel: 1 },
        {
          name: 'flat',
          op: 'flatten',
          inputs: ['up'],
        },
        { name: 'up', op: 'avgPool2d', inputs: ['conv'], kernel: 2, stride: 1, padding: 1 },
      ),
      'flat',
      /every size from 1 to 16777216, got \[822083584\]/,
    ],
  ])('%s', (_title, spec, node, message) => {
    const error = refusal(spec);
    expect(error.message).toMatch(message);
    expect(error.message).toContain('To fix it, ');
    expect(error.code).toBe('bad-input.graph');
    if (node !== undefined) expect(error.node).toBe(node);
  });

  it('too many parameters in all', () => {
    const layers = Array.from({ length: 9 }, (_, index) => ({
      name: `fc${index}`,
      op: 'linear' as const,
      inputs: [index === 0 ? 'image' : `fc${index - 1}`],
      outFeatures: 16384,
    }));
    const nodes: GraphSpec['nodes'] = [...layers, { name: 'logp', op: 'logSoftmax', inputs: ['fc8'] }];
    const spec: GraphSpec = { inputs: [{ name: 'image', shape: [16384] }], nodes, output: 'logp' };
    expect(refusal(spec).message).toMatch(/at most 2147483648 parameters, got 2416066560/);
  });

  it('a spec of the wrong structure', () => {
    expect(() => buildGraph(null as unknown as GraphSpec)).toThrow(LockstepError);
    expect(() =>
      buildGraph({ ...good, nodes: [{ name: 'a', op: 'conv3d', inputs: ['image'] }] } as unknown as GraphSpec),
    ).toThrow(LockstepError);
  });
});
