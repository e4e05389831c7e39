import type { SessionConfig } from '@lockstep/kernels-native';
import { nativeCatalog } from '../../src/backend/native/native-catalog.js';
import { type ShardFile, sampleElements } from '../../src/data/shard-header.js';
import { buildGraph } from '../../src/ops/build-graph.js';
import { buildPlan } from '../../src/plan/build-plan.js';
import type { SessionData } from '../sessions/session-data.js';

/** What createSession hands to the addon, for tests of the edge itself: every op, two variants, Adam. */
export function sessionConfig(data: SessionData): SessionConfig {
  const { trainSamples, validationSamples } = {
    trainSamples: data.train.header.count,
    validationSamples: data.validation.header.count,
  };
  const spec = data.resolve({
    model: {
      layers: [
        { op: 'conv2d', outChannels: 4, kernel: 3 },
        { op: 'batchNorm' },
        { op: 'relu' },
        { op: 'maxPool2d', kernel: 2 },
        { op: 'flatten' },
        { op: 'dropout', rate: 0.2 },
        { op: 'linear', outFeatures: 5 },
        { op: 'tanh' },
        { op: 'linear', outFeatures: 3 },
      ],
    },
    lanes: 2,
    training: { batchSize: 16, optimizer: { kind: 'adam' } },
    validation: { batchSize: 16 },
  });
  const { isa, lanes, evaluationLanes } = spec;
  const plan = buildPlan(
    buildGraph(spec.graph),
    { isa, seed: 1, lanes, batchSize: 16, trainSamples, evaluationLanes, evaluationBatchSize: 16, validationSamples },
    nativeCatalog(isa),
  );
  return {
    plan,
    lanes,
    evaluationLanes,
    rank: 0,
    worldSize: 1,
    threads: 1,
    batchSize: 16,
    evaluationBatchSize: 16,
    train: shardFields(data.train),
    validation: shardFields(data.validation),
    scale: [1 / 255],
    shift: [0],
    order: { mode: 'global', window: 1, key: [1, 2] },
    optimizer: { kind: 'adam', momentum: 0, weightDecay: 0, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    exchangeMode: 0,
  };
}

export const edgeData = { shape: [1, 6, 6], classes: 3, trainSamples: 32, validationSamples: 16 };

function shardFields({ path, header }: ShardFile) {
  return {
    path,
    count: header.count,
    sampleElements: sampleElements(header.shape),
    samplesOffset: header.samples.offset,
    labelsOffset: header.labels.offset,
    dtype: header.dtype,
  };
}
