import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ResolvedSpec, RunSpec } from '@lockstep/contracts';
import { parseShardHeader } from '../src/data/parse-shard-header.js';
import { encodeShard } from '../src/data/shard.js';
import type { ShardFile } from '../src/data/shard-header.js';
import { philox } from '../src/random/philox.js';
import { resolveRunSpec } from '../src/resolve/resolve-run-spec.js';

export interface TinyImages {
  train: ShardFile;
  validation: ShardFile;
  /** The resolved spec of a run over these images. */
  resolve(spec: Omit<RunSpec, 'dataset'>): ResolvedSpec;
  remove(): Promise<void>;
}

/** Noise with a bright band per class: `trainSamples` and `validationSamples` images of [1,size,size] in three classes. */
export async function writeTinyImages(options: {
  trainSamples: number;
  validationSamples: number;
  size: number;
}): Promise<TinyImages> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-tiny-'));
  const shape = [1, options.size, options.size];
  const write = async (name: string, count: number, stream: number): Promise<ShardFile> => {
    const path = join(folder, `${name}.shard`);
    const bytes = encodeShard({ shape, classes: 3, ...images(count, options.size, stream) });
    await writeFile(path, bytes);
    return { path, header: parseShardHeader(bytes, bytes.length, path) };
  };
  const train = await write('train', options.trainSamples, 1);
  const validation = await write('validation', options.validationSamples, 2);
  return {
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
          classes: 3,
          dtype: 'uint8',
        },
      ),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

function images(count: number, size: number, stream: number): { samples: Uint8Array; labels: Int32Array } {
  const samples = new Uint8Array(count * size * size);
  const labels = new Int32Array(count);
  for (let sample = 0; sample < count; sample++) {
    const label = (philox([7, stream], [sample, 0, 0, 1])[0] ?? 0) % 3;
    labels[sample] = label;
    for (let pixel = 0; pixel < size * size; pixel++) {
      const noise = (philox([7, stream], [sample, pixel, 0, 0])[0] ?? 0) % 128;
      const isBright = Math.floor((3 * Math.floor(pixel / size)) / size) === label;
      samples[sample * size * size + pixel] = noise + (isBright ? 100 : 0);
    }
  }
  return { samples, labels };
}
