// Run specs, as objects; JSON is one of the forms that the product reads.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const mnistInput = { mean: 0.1307, std: 0.3081 };
const sgd = { kind: 'sgd', learningRate: 0.05, momentum: 0.9 };

/** LeNet-5 on MNIST; `training` and the other fields replace these. */
export function lenet5({ training = {}, ...rest } = {}) {
  return {
    dataset: 'mnist',
    model: { preset: 'lenet5' },
    input: mnistInput,
    training: { epochs: 1, batchSize: 128, seed: 1, optimizer: sgd, ...training },
    lanes: 8,
    ...rest,
  };
}

/** The layers of LeNet-5, with dropout before the classifier, and with batch norm where it is wanted. */
export function lenetLayers({ classes = 10, batchNorm = false } = {}) {
  const norm = batchNorm ? [{ op: 'batchNorm' }] : [];
  return {
    layers: [
      { op: 'conv2d', outChannels: 6, kernel: 5 },
      ...norm,
      { op: 'tanh' },
      { op: 'maxPool2d', kernel: 2 },
      { op: 'conv2d', outChannels: 12, kernel: 5 },
      { op: 'tanh' },
      { op: 'maxPool2d', kernel: 2 },
      { op: 'flatten' },
      { op: 'linear', outFeatures: 100 },
      { op: 'tanh' },
      { op: 'dropout', rate: 0.2 },
      { op: 'linear', outFeatures: classes },
    ],
  };
}

/** Writes a spec into a folder and gives its path. */
export function writeSpec(folder, spec, name = 'spec.json') {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, typeof spec === 'string' || Buffer.isBuffer(spec) ? spec : `${JSON.stringify(spec, null, 2)}\n`);
  return path;
}
