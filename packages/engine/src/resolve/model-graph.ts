import { type FilledRunSpec, type GraphSpec, isLockstepError, LockstepError } from '@lockstep/contracts';
import { formatShape } from '../graph/elements.js';
import type { Graph } from '../graph/types.js';
import { layersToGraph } from '../nn/layers-to-graph.js';
import { presetGraph } from '../nn/preset-graph.js';
import { buildGraph } from '../ops/build-graph.js';
import type { DatasetFacts } from './dataset-facts.js';
import { refuseSpec } from './refuse-spec.js';

type Model = FilledRunSpec['model'];

/**
 * The graph of a run spec's model, checked by itself and against the data: it reads the samples and tells the classes apart.
 *
 * @throws LockstepError with the place of the layer or node in the spec, such as `model.layers[3]`
 */
export function modelGraph(model: Model, facts: DatasetFacts): Graph {
  if ('preset' in model && model.hidden !== undefined && model.preset !== 'mlp') {
    throw refuseSpec('bad-input.graph', 'model.hidden', {
      expected: 'hidden layers only for the preset mlp',
      got: `them for ${model.preset}`,
      fix: 'remove hidden, or use the preset mlp',
    });
  }
  const spec = locate(model, undefined, () => graphSpecOf(model, facts));
  const graph = locate(model, spec, () => buildGraph(spec));
  requireInput(graph, model, facts);
  requireClasses(graph, model, facts);
  if (graph.nodes.every((node) => node.parameters.length === 0)) {
    throw refuseSpec('bad-input.graph', pathOfModel(model), {
      expected: 'a model with parameters to train',
      got: 'none',
      fix: 'add a linear or conv2d layer',
    });
  }
  return graph;
}

function graphSpecOf(model: Model, facts: DatasetFacts): GraphSpec {
  if ('preset' in model) return presetGraph(model, facts.sampleShape, facts.classes);
  if ('layers' in model) return layersToGraph(model.layers, facts.sampleShape);
  return model.graph;
}

function pathOfModel(model: Model): string {
  if ('preset' in model) return 'model.preset';
  return 'layers' in model ? 'model.layers' : 'model.graph';
}

/** Adds the place in the spec to an error that names a node. */
function locate<Result>(model: Model, spec: GraphSpec | undefined, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    if (!isLockstepError(error) || error.problems.length > 0) throw error;
    const path = pathOfNode(model, spec, error.node);
    throw new LockstepError(error.code, error.message, {
      cause: error,
      ...(error.node === undefined ? {} : { node: error.node }),
      problems: [{ path, message: error.message, line: null, column: null }],
    });
  }
}

function pathOfNode(model: Model, spec: GraphSpec | undefined, node: string | undefined): string {
  const list = 'layers' in model ? model.layers : 'graph' in model ? model.graph.nodes : [];
  // layersToGraph keeps the order of the layers, so that positions in spec and list agree.
  const named = spec?.nodes ?? list;
  const index = node === undefined ? -1 : named.findIndex(({ name }) => name === node);
  if (index < 0 || index >= list.length) return pathOfModel(model);
  return 'layers' in model ? `model.layers[${index}]` : `model.graph.nodes[${index}]`;
}

function requireInput(graph: Graph, model: Model, facts: DatasetFacts): void {
  const [input, second] = graph.inputs;
  if (second !== undefined || input === undefined) {
    throw refuseSpec('bad-input.graph', 'model.graph.inputs', {
      expected: 'one input, the samples',
      got: `${graph.inputs.length}`,
      fix: 'keep one',
    });
  }
  if (formatShape(input.shape) !== formatShape(facts.sampleShape)) {
    throw refuseSpec('bad-input.graph', `${pathOfModel(model)}.inputs[0].shape`, {
      expected: `the shape of the dataset's samples, ${formatShape(facts.sampleShape)}`,
      got: formatShape(input.shape),
      fix: 'give the input that shape',
    });
  }
}

function requireClasses(graph: Graph, model: Model, facts: DatasetFacts): void {
  const output = graph.nodes.find((node) => node.name === graph.output);
  const outputs = output?.shape[0];
  if (outputs === facts.classes) return;
  throw refuseSpec('bad-input.classes', pathOfModel(model), {
    expected: `as many outputs as the dataset has classes, ${facts.classes}`,
    got: `${outputs} from '${output?.inputs[0]}'`,
    fix: `set outFeatures of the last linear layer to ${facts.classes}`,
  });
}
