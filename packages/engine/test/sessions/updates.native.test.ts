import { readFile } from 'node:fs/promises';
import type { RunSpec } from '@lockstep/contracts';
import { runProgram } from '@lockstep/kernels-native';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nativeCatalog } from '../../src/backend/native/native-catalog.js';
import { inputAffine } from '../../src/data/input-affine.js';
import { sampleAt } from '../../src/data/order.js';
import { parseShard } from '../../src/data/shard.js';
import { elementCount } from '../../src/graph/elements.js';
import { buildGraph } from '../../src/ops/build-graph.js';
import { adamUpdate } from '../../src/optim/adam-update.js';
import { updateRunningStatistics } from '../../src/optim/running-statistics.js';
import { sgdUpdate } from '../../src/optim/sgd-update.js';
import { buildPlan } from '../../src/plan/build-plan.js';
import { streamKey } from '../../src/random/stream-key.js';
import type { StateTensor } from '../../src/state/state-tensor.js';
import { withGroup } from './run-session.js';
import { type SessionData, writeSessionData } from './session-data.js';

let data: SessionData;
beforeAll(async () => {
  data = await writeSessionData({ shape: [2, 6, 7], classes: 3, trainSamples: 66, validationSamples: 10 });
});
afterAll(() => data.remove());

const model: RunSpec['model'] = {
  layers: [
    { op: 'conv2d', outChannels: 5, kernel: 3 },
    { op: 'batchNorm' },
    { op: 'relu' },
    { op: 'flatten' },
    { op: 'dropout', rate: 0.2 },
    { op: 'linear', outFeatures: 17 },
    { op: 'tanh' },
    { op: 'linear', outFeatures: 3 },
  ],
};

/**
 * One lane whose gradients the plan gives by itself (runProgram), then the float32 reference of the optimizer: what the
 * session makes of a step must be the same bits. Flushed denormals do not come up: gradients here are far from 1e-38.
 */
describe('the session updates as the float32 references say, bit for bit', () => {
  it.each<[string, NonNullable<NonNullable<RunSpec['training']>['optimizer']>]>([
    ['SGD', { kind: 'sgd', learningRate: 0.03 }],
    ['SGD with decay', { kind: 'sgd', learningRate: 0.03, weightDecay: 0.01 }],
    ['SGD with momentum', { kind: 'sgd', learningRate: 0.03, momentum: 0.9 }],
    ['SGD with momentum and decay', { kind: 'sgd', learningRate: 0.03, momentum: 0.8, weightDecay: 0.002 }],
    ['Adam', { kind: 'adam', learningRate: 0.004 }],
    [
      'Adam with decay',
      { kind: 'adam', learningRate: 0.004, beta1: 0.8, beta2: 0.99, epsilon: 1e-7, weightDecay: 0.01 },
    ],
  ])('%s', async (_title, optimizer) => {
    const spec = data.resolve({ model, lanes: 1, training: { batchSize: 22, seed: 3, optimizer } });
    const gradientsOf = await stepProgram(spec);
    await withGroup(data, spec, {}, async ({ first: session }) => {
      for (let step = 0; step < 8; step += 1) {
        const [epoch, inEpoch] = [Math.floor(step / 3), step % 3];
        const rate = Math.fround(spec.training.optimizer.learningRate);
        const expected = session.snapshot();
        const gradients = gradientsOf(expected, epoch, inEpoch, step);
        const find = (name: string): Float32Array => {
          const tensor = expected.find((candidate) => candidate.name === name);
          if (tensor === undefined) throw new Error(`no ${name}`);
          return tensor.data;
        };
        for (const [name, gradient] of gradients.parameters) {
          const slot = (label: string) => find(`optimizer/${name}/${label}`);
          const resolved = { ...spec.training.optimizer, learningRate: rate };
          if (resolved.kind === 'adam') adamUpdate(find(name), gradient, slot('m'), slot('v'), resolved, step);
          else sgdUpdate(find(name), gradient, resolved.momentum === 0 ? null : slot('momentum'), resolved);
        }
        for (const [name, sums] of gradients.statistics) updateRunningStatistics(find(name), sums, 22, 0.1);
        const result = await session.trainBurst({
          epoch,
          firstStepInEpoch: inEpoch,
          firstStep: step,
          learningRates: Float32Array.of(rate),
        });
        expect(result.lossSums[0]).toBe(gradients.lossSum);
        const got = new Map(session.snapshot().map((tensor) => [tensor.name, tensor.data]));
        for (const { name, data: bits } of expected) expect(got.get(name), `${name} after step ${step}`).toEqual(bits);
      }
    });
  });
});

/** Gradients of a step of the run from a state, as the plan's own program computes them for the same samples. */
async function stepProgram(spec: ReturnType<SessionData['resolve']>) {
  const { training } = spec;
  const graph = buildGraph(spec.graph);
  const plan = buildPlan(
    graph,
    {
      isa: spec.isa,
      seed: training.seed,
      lanes: 1,
      batchSize: training.batchSize,
      trainSamples: spec.data.trainSamples,
      evaluationLanes: spec.evaluationLanes,
      evaluationBatchSize: spec.validation.batchSize,
      validationSamples: spec.data.validationSamples,
    },
    nativeCatalog(spec.isa),
  );
  const variant = plan.variants.find(({ mode }) => mode === 'train');
  if (variant === undefined) throw new Error('no training variant');
  const shard = parseShard(await readFile(data.train.path), data.train.path);
  const { scale, shift } = inputAffine(spec.input, 'uint8');
  const elements = elementCount(spec.data.sampleShape);
  const plane = elements / scale.length;
  const key = streamKey(training.seed, 'order');
  return (state: readonly StateTensor[], epoch: number, inEpoch: number, step: number) => {
    const indices = Array.from({ length: variant.batch }, (_, row) =>
      sampleAt({ key, count: shard.header.count, mode: 'global' }, epoch, inEpoch * training.batchSize + row),
    );
    const x = Float32Array.from({ length: variant.batch * elements }, (_, index) => {
      const sample = indices[Math.floor(index / elements)] as number;
      const channel = Math.floor((index % elements) / plane);
      const value = shard.samples[sample * elements + (index % elements)] as number;
      return Math.fround(Math.fround(value * (scale[channel] as number)) + (shift[channel] as number));
    });
    const given = new Map(state.map((tensor) => [tensor.name, tensor.data]));
    const inputs = variant.tensors.flatMap(({ name, region }, tensor) => {
      const values = tensor === variant.input ? x : given.get(name);
      return values !== undefined && region !== 'gradients' ? [{ tensor, values }] : [];
    });
    const wanted = variant.tensors.flatMap(({ region }, index) => (region === 'gradients' ? [index] : []));
    const { outputs, sums } = runProgram({
      isa: spec.isa,
      variant,
      inputs,
      labels: indices.map((index) => shard.labels[index] as number),
      sampleIndices: indices,
      outputs: wanted,
      gradientScale: Math.fround(1 / variant.batch),
      step,
      parametersBytes: plan.parameterElements * 4,
      preparedBytes: plan.preparedBytes,
      gradientsBytes: (plan.parameterElements + plan.statisticElements) * 4,
      buffersBytes: plan.bufferElements * 4,
    });
    const parameters = new Map<string, Float32Array>();
    const statistics = new Map<string, Float32Array>();
    for (const [position, index] of wanted.entries()) {
      const name = variant.tensors[index]?.name ?? '';
      const values = outputs[position] as Float32Array;
      if (name.startsWith('d(')) parameters.set(name.slice(2, -1), values);
      else statistics.set(name.replace('.batch', '.running'), values);
    }
    return { parameters, statistics, lossSum: sums[0] };
  };
}
