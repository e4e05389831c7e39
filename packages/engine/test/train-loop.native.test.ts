import type { ResolvedSpec, RunSpec } from '@lockstep/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Session } from '../src/backend/session.js';
import { createSession } from '../src/dist/create-session.js';
import { type TrainCheckpoint, type TrainLoopOptions, trainLoop } from '../src/train/train-loop.js';
import { initialTrainState, parseTrainState, stepsPerEpoch, validationBatches } from '../src/train/train-state.js';
import { type TinyImages, writeTinyImages } from './tiny-images.js';

let data: TinyImages;

beforeAll(async () => {
  // Seven steps an epoch, the last of two samples; three validation batches, the last of five.
  data = await writeTinyImages({ trainSamples: 98, validationSamples: 45, size: 8 });
});
afterAll(() => data.remove());

const convolution: RunSpec['model'] = {
  layers: [
    { op: 'conv2d', outChannels: 4, kernel: 3 },
    { op: 'tanh' },
    { op: 'maxPool2d', kernel: 2 },
    { op: 'flatten' },
    { op: 'linear', outFeatures: 3 },
  ],
};
const withDropout: RunSpec['model'] = {
  layers: [
    { op: 'conv2d', outChannels: 4, kernel: 3 },
    { op: 'relu' },
    { op: 'avgPool2d', kernel: 2 },
    { op: 'flatten' },
    { op: 'dropout', rate: 0.3 },
    { op: 'linear', outFeatures: 3 },
  ],
};
const withBatchNorm: RunSpec['model'] = {
  layers: [
    { op: 'conv2d', outChannels: 4, kernel: 3, padding: 1, bias: false },
    { op: 'batchNorm' },
    { op: 'relu' },
    { op: 'flatten' },
    { op: 'linear', outFeatures: 3 },
  ],
};

const cases: { name: string; model: RunSpec['model']; training: NonNullable<RunSpec['training']>; lanes: number }[] = [
  {
    name: 'convolution, SGD with momentum and weight decay',
    model: convolution,
    training: { optimizer: { kind: 'sgd', learningRate: 0.05, momentum: 0.9, weightDecay: 1e-4 } },
    lanes: 8,
  },
  {
    name: 'dropout, Adam',
    model: withDropout,
    training: { optimizer: { kind: 'adam' }, shuffle: { window: 20 } },
    lanes: 4,
  },
  { name: 'batch norm, Adam', model: withBatchNorm, training: { optimizer: { kind: 'adam' } }, lanes: 2 },
];

async function train(
  spec: ResolvedSpec,
  options: Partial<TrainLoopOptions> & {
    from?: TrainCheckpoint;
    watch?: (session: Session) => TrainLoopOptions['onEvent'];
  },
): Promise<{ digests: string[]; checkpoints: TrainCheckpoint[] }> {
  const session = await createSession({
    spec,
    trainShard: data.train,
    validationShard: data.validation,
    rank: 0,
    worldSize: 1,
    threads: 1,
    communicator: null,
  });
  try {
    const { from, watch, ...rest } = options;
    if (from) session.load(from.tensors);
    const checkpoints: TrainCheckpoint[] = [];
    const outcome = await trainLoop({
      spec,
      session,
      state: from ? parseTrainState(JSON.parse(JSON.stringify(from.state)), spec) : initialTrainState(),
      leader: true,
      now: () => 0,
      onEvent: watch?.(session) ?? (() => undefined),
      onCheckpoint: async (checkpoint) => {
        checkpoints.push(checkpoint);
      },
      ...rest,
    });
    if (outcome.kind === 'non-finite') throw new Error(`not finite at step ${outcome.step}`);
    return { digests: [outcome.kind, outcome.weightsDigest, outcome.stateDigest], checkpoints };
  } finally {
    await session.close();
  }
}

describe.each(cases)('training over native kernels: $name', ({ model, training, lanes }) => {
  const specOf = (checkpoint?: RunSpec['checkpoint']): ResolvedSpec =>
    data.resolve({
      model,
      lanes,
      training: { ...training, epochs: 2, batchSize: 16 },
      validation: { batchSize: 20 },
      ...(checkpoint ? { checkpoint } : {}),
    });

  it('resumes from a cut after every step to the same state', async () => {
    const spec = specOf();
    const whole = await train(spec, {});
    // Checkpoints are part of the spec but not of what it computes.
    const cuts = (await train(specOf({ everySteps: 1 }), {})).checkpoints.filter(({ reason }) => reason !== 'final');
    expect(new Set(cuts.map(({ state }) => state.step)).size).toBe(2 * stepsPerEpoch(spec));
    for (const from of cuts) {
      expect((await train(spec, { from })).digests, `cut after step ${from.state.step}`).toEqual(whole.digests);
    }
  });

  it('resumes from a cut after every validation batch to the same state', async () => {
    const spec = specOf();
    const whole = await train(spec, {});
    for (let cut = 1; cut < validationBatches(spec); cut++) {
      const stopped = await train(spec, {
        watch: (session) => (event) => {
          // Asked for while the batch before is done, so it is agreed with the batch that follows.
          if (event.kind === 'evaluating' && event.batch === cut - 1) session.requestControl(2);
          if (event.kind === 'epoch' && cut === 1) session.requestControl(2);
        },
      });
      const from = stopped.checkpoints.at(-1) as TrainCheckpoint;
      expect(from.state).toMatchObject({ phase: 'validate', validationBatch: cut });
      expect((await train(spec, { from })).digests).toEqual(whole.digests);
    }
  });

  it('gives the same bits whatever the size of its bursts', async () => {
    let milliseconds = 0;
    const single = await train(specOf(), { now: () => (milliseconds += 1000) });
    const large = await train(specOf(), {});
    expect(single.digests).toEqual(large.digests);
  });
});
