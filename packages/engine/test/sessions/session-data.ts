import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ResolvedSpec, RunSpec } from '@lockstep/contracts';
import { parseShardHeader } from '../../src/data/parse-shard-header.js';
import { encodeShard } from '../../src/data/shard.js';
import type { ShardFile } from '../../src/data/shard-header.js';
import { elementCount } from '../../src/graph/elements.js';
import { philox } from '../../src/random/philox.js';
import { resolveRunSpec } from '../../src/resolve/resolve-run-spec.js';

export interface DataOptions {
  /** Of one sample. */
  shape: number[];
  classes: number;
  trainSamples: number;
  validationSamples: number;
  dtype?: 'uint8' | 'float32';
  /** Changes a label after it was made, to break it. */
  relabel?: (label: number, sample: number) => number;
}

export interface SessionData {
  folder: string;
  train: ShardFile;
  validation: ShardFile;
  /** Normalised as a session would: [samples, ...shape]. */
  resolve(spec: Omit<RunSpec, 'dataset'>): ResolvedSpec;
  remove(): Promise<void>;
}

/** Shards of samples that a small model can learn: noise, with a part of the values raised that depends on the label. */
export async function writeSessionData(options: DataOptions): Promise<SessionData> {
  const { shape, classes, dtype = 'uint8' } = options;
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-session-'));
  const write = async (name: string, count: number, stream: number): Promise<ShardFile> => {
    const path = join(folder, `${name}.shard`);
    const bytes = encodeShard({ shape, classes, ...makeSamples(options, count, stream) });
    await writeFile(path, bytes);
    return { path, header: parseShardHeader(bytes, bytes.length, path) };
  };
  const train = await write('train', options.trainSamples, 1);
  const validation = await write('validation', options.validationSamples, 2);
  return {
    folder,
    train,
    validation,
    resolve: (spec) =>
      resolveRunSpec(
        { ...spec, dataset: { folder } },
        {
          dataset: { kind: 'folder', path: folder },
          version: train.header.samples.sha256,
          trainSamples: options.trainSamples,
          validationSamples: options.validationSamples,
          sampleShape: shape,
          classes,
          dtype,
        },
      ),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

function makeSamples(options: DataOptions, count: number, stream: number) {
  const { shape, classes, dtype, relabel = (label: number) => label } = options;
  const elements = elementCount(shape);
  const samples = dtype === 'float32' ? new Float32Array(count * elements) : new Uint8Array(count * elements);
  const labels = new Int32Array(count);
  for (let sample = 0; sample < count; sample += 1) {
    const label = (philox([9, stream], [sample, 0, 0, 1])[0] ?? 0) % classes;
    labels[sample] = relabel(label, sample);
    for (let element = 0; element < elements; element += 4) {
      const words = philox([9, stream], [sample, element, 0, 0]);
      for (let k = 0; k < 4 && element + k < elements; k += 1) {
        const raised = Math.floor((classes * (element + k)) / elements) === label ? 90 : 0;
        const value = ((words[k] ?? 0) % 140) + raised;
        samples[sample * elements + element + k] = dtype === 'float32' ? value / 100 - 1 : value;
      }
    }
  }
  return { samples, labels };
}
