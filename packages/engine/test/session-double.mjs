// A small deterministic Session without kernels: every rank computes the whole batch itself, so the bits depend on the
// spec alone, and only the control word goes between ranks (through `agree`). It stands in for the native session in
// tests of what lies above it: the loop, the supervisor, the command line.

const hash = (...words) => {
  let state = 0x811c9dc5;
  for (const word of words) {
    state = Math.imul(state ^ (word >>> 0), 0x01000193);
    state ^= state >>> 15;
    state = Math.imul(state, 0x2c1b3c6d);
    state ^= state >>> 13;
  }
  return state >>> 0;
};
const unit = (word) => word / 2 ** 32;

/**
 * @param {{ spec: any, rank?: number, agree?: (word: number) => Promise<number>, beforeStep?: (step: number) => unknown,
 *   beforeBatch?: (batch: number) => unknown, nonFiniteAt?: number | null }} options
 */
export function createSessionDouble({
  spec,
  rank = 0,
  agree = async (word) => word,
  beforeStep = () => undefined,
  beforeBatch = () => undefined,
  nonFiniteAt = null,
}) {
  const { seed, batchSize } = spec.training;
  const weights = Float32Array.from({ length: 4 }, (_, index) => unit(hash(seed, index)) - 0.5);
  const momentum = new Float32Array(4);
  let wanted = 0;
  let busy = false;
  let closed = false;

  const exclusively = async (work) => {
    if (busy) throw new Error('session double: called while another call was running');
    if (closed) throw new Error('session double: called after close');
    busy = true;
    try {
      return await work();
    } finally {
      busy = false;
    }
  };
  const takeControl = async () => {
    const word = await agree(wanted);
    wanted = Math.max(0, wanted > word ? wanted : 0);
    return word;
  };

  return {
    trainBurst: (request) =>
      exclusively(async () => {
        const steps = request.learningRates.length;
        const result = {
          stepsDone: 0,
          control: 0,
          lossSums: new Float64Array(steps),
          correct: new Float64Array(steps),
          samples: new Float64Array(steps),
          nonFinite: null,
        };
        for (let index = 0; index < steps; index++) {
          const step = request.firstStep + index;
          const first = (request.firstStepInEpoch + index) * batchSize;
          const last = Math.min(first + batchSize, spec.data.trainSamples);
          if (first >= spec.data.trainSamples) throw new Error(`session double: step ${step} lies past its epoch`);
          await beforeStep(step);
          if (step === nonFiniteAt) {
            result.nonFinite = { step, node: rank === 0 ? null : 'fc1', order: rank === 0 ? -1 : 2, what: 'gradient' };
            return result;
          }
          const gradient = new Float32Array(4);
          for (let sample = first; sample < last; sample++) {
            const word = hash(seed, request.epoch, sample);
            result.lossSums[index] += weights[sample % 4] ** 2 + unit(word) * 0.1;
            result.correct[index] += unit(word) < 0.5 + Math.min(0.4, step * 0.01) ? 1 : 0;
            gradient[sample % 4] += Math.fround((weights[sample % 4] + unit(word) - 0.5) / (last - first));
          }
          for (let index = 0; index < 4; index++) {
            momentum[index] = Math.fround(momentum[index] * 0.9) + gradient[index];
            weights[index] -= Math.fround(request.learningRates[0] * momentum[index]);
          }
          result.samples[index] = last - first;
          result.stepsDone = index + 1;
          result.control = await takeControl();
          if (result.control !== 0) break;
        }
        return result;
      }),
    evaluate: (request) =>
      exclusively(async () => {
        const result = { lossSum: 0, correct: 0, samples: 0, batchesDone: 0, control: 0 };
        for (let batch = request.firstBatch; batch < request.firstBatch + request.batches; batch++) {
          await beforeBatch(batch);
          const first = batch * spec.validation.batchSize;
          const last = Math.min(first + spec.validation.batchSize, spec.data.validationSamples);
          for (let sample = first; sample < last; sample++) {
            result.lossSum += Math.abs(weights[sample % 4]) + unit(hash(sample, 7)) * 0.1;
            result.correct += unit(hash(sample, 11)) > Math.abs(weights[sample % 4]) ? 1 : 0;
            result.samples += 1;
          }
          result.batchesDone += 1;
          result.control = await takeControl();
          if (result.control !== 0) break;
        }
        return result;
      }),
    snapshot: () => [
      { name: 'fc1.weight', shape: [2, 2], data: weights.slice() },
      { name: 'optimizer/fc1.weight/momentum', shape: [2, 2], data: momentum.slice() },
    ],
    load: (tensors) => {
      for (const [name, target] of [
        ['fc1.weight', weights],
        ['optimizer/fc1.weight/momentum', momentum],
      ]) {
        const tensor = tensors.find((candidate) => candidate.name === name);
        if (!tensor) throw new Error(`session double: load without ${name}`);
        target.set(tensor.data);
      }
    },
    requestControl: (word) => {
      wanted = Math.max(wanted, word);
    },
    probe: async () => 'probe-double',
    predict: async (samples, count) => {
      const out = new Float32Array(count * spec.data.classes);
      const size = samples.length / count;
      for (let sample = 0; sample < count; sample++) {
        let sum = 0;
        for (let index = 0; index < size; index++) sum += samples[sample * size + index];
        const label = Math.abs(Math.round(sum)) % spec.data.classes;
        for (let index = 0; index < spec.data.classes; index++) {
          out[sample * spec.data.classes + index] = Math.log(index === label ? 0.9 : 0.1 / (spec.data.classes - 1));
        }
      }
      return out;
    },
    close: async () => {
      closed = true;
    },
  };
}

/** A resolved spec of `steps` steps an epoch that the double can train. */
export function specForDouble(overrides = {}) {
  const { training, validation, checkpoint, data, ...rest } = overrides;
  return {
    specVersion: 1,
    name: 'double',
    dataset: { kind: 'sample', name: 'mnist' },
    data: {
      version: 'a'.repeat(64),
      trainSamples: 50,
      validationSamples: 25,
      sampleShape: [1, 2, 2],
      classes: 2,
      dtype: 'uint8',
      ...data,
    },
    graph: {
      inputs: [{ name: 'image', shape: [1, 2, 2] }],
      nodes: [
        { name: 'flatten1', op: 'flatten', inputs: ['image'] },
        { name: 'fc1', op: 'linear', inputs: ['flatten1'], outFeatures: 2, bias: true },
        { name: 'logSoftmax1', op: 'logSoftmax', inputs: ['fc1'] },
      ],
      output: 'logSoftmax1',
    },
    input: { mean: [0], std: [1] },
    training: {
      epochs: 2,
      batchSize: 8,
      seed: 1,
      shuffle: 'global',
      optimizer: { kind: 'sgd', learningRate: 0.05, momentum: 0.9, weightDecay: 0 },
      schedule: { kind: 'constant' },
      earlyStopping: null,
      ...training,
    },
    validation: { batchSize: 10, everyEpochs: 1, ...validation },
    checkpoint: { everySeconds: 30, keepLast: 2, keepBest: 1, ...checkpoint },
    lanes: 8,
    evaluationLanes: 8,
    isa: 'avx512_core',
    numericsVersion: 1,
    versions: { engine: '0.1.0', kernels: '0.1.0' },
    ...rest,
  };
}
