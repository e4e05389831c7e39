import type { ResolvedSpec } from '@lockstep/contracts';
import { nativeCatalog } from '../backend/native/native-catalog.js';
import { NativeSession } from '../backend/native/native-session.js';
import type { Session } from '../backend/session.js';
import type { Communicator } from '../comm/communicator.js';
import { GlooCommunicator } from '../comm/gloo/gloo-communicator.js';
import { inputAffine } from '../data/input-affine.js';
import { type ShardFile, sampleElements } from '../data/shard-header.js';
import type { Graph } from '../graph/types.js';
import { buildGraph } from '../ops/build-graph.js';
import { optimizerSlots } from '../optim/optimizer-slots.js';
import { buildPlan } from '../plan/build-plan.js';
import { initialise } from '../random/initialise.js';
import { streamKey } from '../random/stream-key.js';
import type { StateTensor } from '../state/state-tensor.js';

export interface SessionOptions {
  spec: ResolvedSpec;
  /** `null` where the session only predicts. */
  trainShard: ShardFile | null;
  validationShard: ShardFile | null;
  rank: number;
  worldSize: number;
  /** Lanes that run at the same time on this rank; one core each. */
  threads: number;
  /** `null` for a single rank. */
  communicator: Communicator | null;
  /** How the gradient exchange cuts its work; the bits are the same. */
  exchange?: 'by-size' | 'whole' | 'sharded';
}

/** A session with the run's initial state: plans the model for this build's kernels and starts the lanes. */
export async function createSession(options: SessionOptions): Promise<Session> {
  const { spec, trainShard, validationShard, communicator } = options;
  const { training } = spec;
  if (communicator !== null && !(communicator instanceof GlooCommunicator))
    throw new Error('this backend needs a Gloo communicator');
  const graph = buildGraph(spec.graph);
  const plan = buildPlan(
    graph,
    {
      isa: spec.isa,
      seed: training.seed,
      lanes: spec.lanes,
      batchSize: training.batchSize,
      trainSamples: spec.data.trainSamples,
      evaluationLanes: spec.evaluationLanes,
      evaluationBatchSize: spec.validation.batchSize,
      validationSamples: Math.max(1, spec.data.validationSamples),
    },
    nativeCatalog(spec.isa),
  );
  const { optimizer, shuffle } = training;
  const { scale, shift } = inputAffine(spec.input, spec.data.dtype);
  const slots = optimizerSlots(optimizer);
  const session = await NativeSession.open(
    {
      plan,
      lanes: spec.lanes,
      evaluationLanes: spec.evaluationLanes,
      rank: options.rank,
      worldSize: options.worldSize,
      threads: options.threads,
      batchSize: training.batchSize,
      evaluationBatchSize: spec.validation.batchSize,
      train: shardFields(trainShard),
      validation: shardFields(validationShard),
      scale,
      shift,
      order: {
        mode: typeof shuffle === 'string' ? shuffle : 'window',
        window: typeof shuffle === 'string' ? 1 : shuffle.window,
        key: [...streamKey(training.seed, 'order')],
      },
      optimizer: {
        kind: optimizer.kind,
        weightDecay: optimizer.weightDecay,
        momentum: optimizer.kind === 'sgd' ? optimizer.momentum : 0,
        beta1: optimizer.kind === 'adam' ? optimizer.beta1 : 0,
        beta2: optimizer.kind === 'adam' ? optimizer.beta2 : 0,
        epsilon: optimizer.kind === 'adam' ? optimizer.epsilon : 0,
      },
      exchangeMode: { 'by-size': 0, whole: 1, sharded: 2 }[options.exchange ?? 'by-size'] as 0 | 1 | 2,
    },
    communicator?.handle ?? null,
    {
      parameters: graph.nodes.flatMap((node) => [...node.parameters]),
      buffers: graph.nodes.flatMap((node) => [...node.buffers]),
      slots,
    },
    initialState(graph, 0, []),
  );
  session.load(initialState(graph, training.seed, slots));
  return session;
}

/** Parameters and buffers as their initialisation says, optimizer slots zero. */
function initialState(graph: Graph, seed: number, slots: readonly string[]): StateTensor[] {
  const tensors: StateTensor[] = [];
  for (const node of graph.nodes) {
    for (const { name, shape, init } of node.parameters) {
      const data = initialise(shape, init, seed, name);
      tensors.push({ name, shape, data });
      for (const slot of slots)
        tensors.push({ name: `optimizer/${name}/${slot}`, shape, data: new Float32Array(data.length) });
    }
    for (const { name, shape, init } of node.buffers)
      tensors.push({ name, shape, data: initialise(shape, init, seed, name) });
  }
  return tensors;
}

function shardFields(shard: ShardFile | null) {
  if (shard === null) return null;
  const { header, path } = shard;
  return {
    path,
    count: header.count,
    sampleElements: sampleElements(header.shape),
    samplesOffset: header.samples.offset,
    labelsOffset: header.labels.offset,
    dtype: header.dtype,
  };
}
