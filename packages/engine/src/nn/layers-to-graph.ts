import { type GraphNodeSpec, type GraphSpec, type LayerSpec, LockstepError, limits } from '@lockstep/contracts';

/** The graph input's name in graphs made from layer lists and presets. */
export const inputName = 'input';

const shortNames: Readonly<Record<string, string>> = {
  conv2d: 'conv',
  maxPool2d: 'maxPool',
  avgPool2d: 'avgPool',
};

/**
 * A graph from a list of layers. A layer without a name gets its op's and a number (`conv1`, `tanh2`); one without inputs
 * reads the layer before it. If the last layer is not a logSoftmax, one is added.
 *
 * @throws LockstepError `bad-input.graph` if an add says not what it adds, or the list is empty or too long
 */
export function layersToGraph(layers: readonly LayerSpec[], sampleShape: readonly number[]): GraphSpec {
  requireLayerCount(layers);
  const taken = new Set([inputName, ...layers.flatMap((layer) => layer.name ?? [])]);
  const counts = new Map<string, number>();
  const nextName = (op: string): string => {
    const base = shortNames[op] ?? op;
    for (;;) {
      const count = (counts.get(base) ?? 0) + 1;
      counts.set(base, count);
      if (!taken.has(`${base}${count}`)) return `${base}${count}`;
    }
  };
  const nodes: GraphNodeSpec[] = [];
  let previous = inputName;
  for (const [index, layer] of layers.entries()) {
    const name = layer.name ?? nextName(layer.op);
    if (layer.op === 'add' && layer.inputs === undefined) throw addWithoutInputs(name, index);
    nodes.push({ ...layer, name, inputs: layer.inputs ?? [previous] });
    previous = name;
  }
  if (layers[layers.length - 1]?.op !== 'logSoftmax') {
    const name = nextName('logSoftmax');
    nodes.push({ name, op: 'logSoftmax', inputs: [previous] });
    previous = name;
  }
  return {
    inputs: [{ name: inputName, shape: [...sampleShape] }],
    nodes,
    output: previous,
  };
}

function requireLayerCount(layers: readonly LayerSpec[]): void {
  if (layers.length >= 1 && layers.length < limits.maxNodes) return;
  throw new LockstepError(
    'bad-input.graph',
    `model.layers: expected from 1 to ${limits.maxNodes - 1} layers, got ${layers.length}. To fix it, ${
      layers.length === 0 ? 'add a layer' : 'use fewer'
    }.`,
  );
}

function addWithoutInputs(name: string, index: number): LockstepError {
  const message = `${name} (add): expected two inputs, got none. To fix it, name the two layers it adds: inputs: [first, second].`;
  const problem = { path: `model.layers[${index}]`, message, line: null, column: null };
  return new LockstepError('bad-input.graph', message, { node: name, problems: [problem] });
}
