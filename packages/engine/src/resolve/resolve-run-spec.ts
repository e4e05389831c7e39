import {
  type FilledRunSpec,
  fillRunSpec,
  parseResolvedSpec,
  type ResolvedSpec,
  type RunSpec,
} from '@lockstep/contracts';
import { graphToSpec } from '../graph/graph-to-spec.js';
import { defaultLanes } from '../graph/lanes.js';
import { estimateMemory, requireMemory } from '../graph/memory.js';
import type { Graph } from '../graph/types.js';
import { optimizerSlots } from '../optim/optimizer-slots.js';
import type { DatasetFacts } from './dataset-facts.js';
import { inputScaling } from './input-scaling.js';
import { modelGraph } from './model-graph.js';
import { requireLanes, requireLaneTensors, requireTraining } from './run-checks.js';
import { numericsVersion, versions } from './versions.js';

const defaultMemoryCapBytes = 64 * 2 ** 30;

/**
 * The resolved spec: the requested one with every default, the graph written out, lanes, instruction set and versions; all
 * that a result depends on. Checks everything that can be known before a process starts.
 *
 * @param facts what the prepared dataset says about itself
 * @param options.memoryCapBytes memory of the machine; default 64 GiB
 * @throws LockstepError `bad-input.*` whose problems carry the path of the field
 */
export function resolveRunSpec(
  requested: RunSpec,
  facts: DatasetFacts,
  options: { readonly memoryCapBytes?: number } = {},
): ResolvedSpec {
  const spec = fillRunSpec(requested);
  requireTraining(spec.training, facts);
  const graph = modelGraph(spec.model, facts);
  const { earlyStopping, ...training } = spec.training;
  const lanes = spec.lanes ?? defaultLanes(training.batchSize);
  requireLanes(graph, lanes, training.batchSize);
  const validation = { ...spec.validation, batchSize: validationBatch(spec, facts) };
  // Evaluation must keep as many workers busy as training does.
  const evaluationLanes = Math.max(lanes, defaultLanes(validation.batchSize));
  requireLaneTensors(graph, 'training.batchSize', lanes, training.batchSize);
  requireLaneTensors(graph, 'validation.batchSize', evaluationLanes, validation.batchSize);
  const capBytes = options.memoryCapBytes ?? defaultMemoryCapBytes;
  requireMemory(estimateMemory(graph, lanes, training.batchSize, optimizerSlots(training.optimizer).length), capBytes);
  requireMemory(evaluationMemory(graph, evaluationLanes, validation.batchSize), capBytes);
  return parseResolvedSpec({
    specVersion: 1,
    name: spec.name ?? ('preset' in spec.model ? spec.model.preset : 'model'),
    dataset: facts.dataset,
    data: {
      version: facts.version,
      trainSamples: facts.trainSamples,
      validationSamples: facts.validationSamples,
      sampleShape: [...facts.sampleShape],
      classes: facts.classes,
      dtype: facts.dtype,
    },
    graph: graphToSpec(graph),
    input: inputScaling(spec.input, facts),
    training: { ...training, earlyStopping: earlyStopping ?? null },
    validation,
    checkpoint: spec.checkpoint,
    lanes,
    evaluationLanes,
    isa: spec.isa ?? 'avx512_core',
    numericsVersion,
    versions,
  });
}

/** A batch larger than the split is a batch of the whole split. */
function validationBatch(spec: FilledRunSpec, facts: DatasetFacts): number {
  return Math.max(1, Math.min(spec.validation.batchSize, facts.validationSamples));
}

/** Evaluation has no gradients and no optimizer state. */
function evaluationMemory(graph: Graph, lanes: number, batch: number) {
  const { parameters, activations } = estimateMemory(graph, lanes, batch, 0);
  return { parameters, gradients: 0, activations, total: parameters + activations };
}
