import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inputAffine } from '../src/data/input-affine.js';
import { parseShard } from '../src/data/shard.js';
import { elementCount } from '../src/graph/elements.js';
import { ImageClassifier } from '../src/inspect/image-classifier.js';
import { encodeSafetensors } from '../src/state/safetensors.js';
import { isOptimizerSlot } from '../src/state/state-tensor.js';
import { withGroup } from './sessions/run-session.js';
import { type DataOptions, type SessionData, writeSessionData } from './sessions/session-data.js';

/**
 * Native kernels round to float32 (2^-24, about 6e-8, of each value) where these compute in float64. Rounding errors of the
 * sums mostly cancel: the widest difference seen is 7e-8, and another order of sums may make it some times that.
 */
const tolerance = 1e-6;

const cases: { preset: 'lenet5' | 'resnet20' | 'mlp'; data: DataOptions }[] = [
  { preset: 'lenet5', data: { shape: [1, 28, 28], classes: 4, trainSamples: 64, validationSamples: 12 } },
  { preset: 'resnet20', data: { shape: [3, 8, 8], classes: 3, trainSamples: 64, validationSamples: 12 } },
  {
    preset: 'mlp',
    data: { shape: [2, 5, 6], classes: 3, trainSamples: 64, validationSamples: 12, dtype: 'float32' },
  },
];

describe.each(cases)('$preset', ({ preset, data: options }) => {
  let data: SessionData;
  beforeAll(async () => {
    data = await writeSessionData(options);
  });
  afterAll(() => data.remove());

  it('gives the probabilities of the native kernels', async () => {
    const training = {
      epochs: 1,
      batchSize: 16,
      optimizer: { kind: 'sgd', learningRate: 0.05, momentum: 0.9 },
    } as const;
    const spec = data.resolve({ model: { preset }, training, lanes: 2 });
    const { samples, labels } = parseShard(await readFile(data.validation.path), data.validation.path);
    const { scale, shift } = inputAffine(spec.input, spec.data.dtype);
    const elements = elementCount(options.shape);
    const normalised = Float32Array.from(samples, (value, index) => {
      const channel = Math.floor((index % elements) / (elements / scale.length));
      return Math.fround(Math.fround(value * (scale[channel] ?? 0)) + (shift[channel] ?? 0));
    });
    await withGroup(data, spec, {}, async (group) => {
      await group.train(0, 4);
      const { first } = group;
      const tensors = first.snapshot().filter(({ name }) => !isOptimizerSlot(name));
      const classifier = new ImageClassifier(spec, encodeSafetensors(tensors));
      const logs = await first.predict(normalised, labels.length);
      let widest = 0;
      for (let sample = 0; sample < labels.length; sample += 1) {
        const { probabilities } = classifier.inspect(samples.subarray(sample * elements, (sample + 1) * elements));
        for (const [index, probability] of probabilities.entries()) {
          const native = Math.exp(logs[sample * options.classes + index] ?? Number.NaN);
          widest = Math.max(widest, Math.abs(probability - native));
        }
      }
      expect(widest).toBeLessThan(tolerance);
    });
  });
});
