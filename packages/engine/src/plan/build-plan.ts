import { buildLaneProgram } from '../autograd/build-lane-program.js';
import { laneBounds } from '../graph/lanes.js';
import type { Graph } from '../graph/types.js';
import { streamKey } from '../random/stream-key.js';
import { SharedVectors } from './parameter-layouts.js';
import type { KernelCatalog, Plan } from './plan.js';
import { planVariant, weightLayouts } from './plan-variant.js';

export interface PlanOptions {
  isa: string;
  seed: number;
  lanes: number;
  batchSize: number;
  trainSamples: number;
  evaluationLanes: number;
  evaluationBatchSize: number;
  validationSamples: number;
}

/** The micro-batch sizes that lanes see: of a full batch, then of the last one; the largest of the full batch first. */
export function laneSizes(lanes: number, batchSize: number, samples: number): number[] {
  const sizes = new Set<number>();
  for (const batch of [Math.min(batchSize, samples), samples % batchSize]) {
    const here = new Set<number>();
    for (let lane = 0; lane < lanes; lane += 1) {
      const { begin, end } = laneBounds(lane, lanes, batch);
      if (end > begin) here.add(end - begin);
    }
    for (const size of [...here].sort((a, b) => b - a)) sizes.add(size);
  }
  return [...sizes];
}

/** The plan of a model: at most four training variants and those of evaluation, over shared parameter layouts. */
export function buildPlan(graph: Graph, options: PlanOptions, catalog: KernelCatalog): Plan {
  const train = laneSizes(options.lanes, options.batchSize, options.trainSamples);
  const evaluate = laneSizes(options.evaluationLanes, options.evaluationBatchSize, options.validationSamples);
  const main = buildLaneProgram(graph, { batch: train[0] ?? 1, mode: 'train' });
  const shared = new SharedVectors(graph, weightLayouts(main, catalog), catalog);
  const variants = [
    ...train.map((batch) => buildLaneProgram(graph, { batch, mode: 'train' })),
    ...evaluate.map((batch) => buildLaneProgram(graph, { batch, mode: 'evaluate' })),
  ].map((program) =>
    planVariant(program, shared, catalog, (call) =>
      call.kernel.startsWith('dropout.') ? { key: [...streamKey(options.seed, `dropout/${call.node}`)] } : {},
    ),
  );
  const output = graph.nodes.find((node) => node.name === graph.output);
  return {
    isa: options.isa,
    parameters: shared.parameters,
    buffers: shared.buffers,
    prepare: shared.prepare,
    variants,
    parameterElements: shared.parameterElements,
    statisticElements: shared.statisticElements,
    bufferElements: shared.bufferElements,
    preparedBytes: shared.preparedBytes,
    sampleShape: [...(graph.inputs[0]?.shape ?? [])],
    classes: output?.shape[0] ?? 0,
  };
}
