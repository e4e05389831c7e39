import { createHash } from 'node:crypto';
import { basename, resolve } from 'node:path';
import { type DatasetSpec, LockstepError, type ResolvedSpec, suggest } from '@lockstep/contracts';
import { canonicalJson } from '@lockstep/engine/train';
import { fileSha256 } from '../disk/file-hash.js';
import { cacheDataset, cachedDataset, type PreparedDataset } from './dataset-cache.js';
import { datasetVersion } from './dataset-version.js';
import { findIdxFiles } from './folder-files.js';
import { readError } from './idx-source.js';
import { findMnist, type MnistReach, mnistFiles, outsideReach } from './mnist.js';
import { type IdxFiles, prepareIdx } from './prepare-idx.js';

/** What the data says about itself; `resolveRunSpec` fills a spec from it. */
interface DatasetFacts {
  dataset: ResolvedSpec['dataset'];
  version: string;
  trainSamples: number;
  validationSamples: number;
  sampleShape: number[];
  classes: number;
  dtype: 'uint8' | 'float32';
  /** Normalisation that suits the dataset, where it is known: one number a channel. */
  defaultInput?: { mean: number[]; std: number[] };
}

export interface ResolvedDataset extends PreparedDataset {
  facts: DatasetFacts;
}

export interface ResolveOptions {
  /** Prepared shards and downloads are kept here. */
  cacheDir: string;
  /** LOCKSTEP_DATA_DIR; null if it is not set. */
  dataDir: string | null;
  /** Relative folders are relative to this one. */
  baseDir: string;
  log?: (line: string) => void;
}

const PREPARER = 'idx/1'; // change it when the same source gives another shard
const MNIST_INPUT = { mean: [0.1307], std: [0.3081] };
const SAMPLES = ['mnist'];

function cacheKey(hashes: Readonly<Record<keyof IdxFiles, string>>, classes: number | null): string {
  return createHash('sha256')
    .update(canonicalJson({ preparer: PREPARER, files: hashes, classes }))
    .digest('hex');
}

async function hashFiles(files: IdxFiles): Promise<Record<keyof IdxFiles, string>> {
  const hashes: Partial<Record<keyof IdxFiles, string>> = {};
  for (const [role, path] of Object.entries(files) as [keyof IdxFiles, string][]) {
    hashes[role] = await fileSha256(path).catch((error: unknown) => {
      throw readError(error, path);
    });
  }
  return hashes as Record<keyof IdxFiles, string>;
}

function factsOf(dataset: ResolvedSpec['dataset'], { train, validation }: PreparedDataset): DatasetFacts {
  return {
    dataset,
    version: datasetVersion(train.header, validation.header),
    trainSamples: train.header.count,
    validationSamples: validation.header.count,
    sampleShape: train.header.shape,
    classes: train.header.classes,
    dtype: train.header.dtype,
  };
}

async function resolveMnist(options: Required<ResolveOptions>, reach: MnistReach): Promise<ResolvedDataset> {
  const { cacheDir, log } = options;
  const hashes = {
    trainImages: mnistFiles.trainImages.sha256,
    trainLabels: mnistFiles.trainLabels.sha256,
    validationImages: mnistFiles.validationImages.sha256,
    validationLabels: mnistFiles.validationLabels.sha256,
  };
  const key = cacheKey(hashes, 10);
  // The content is pinned, so a prepared copy is as good as any source and needs none.
  let prepared = await cachedDataset(cacheDir, key, log);
  if (prepared === null) {
    const files = await findMnist(options, reach);
    prepared = await cacheDataset(cacheDir, key, (folder) => prepareIdx(files, 10, folder), log);
  }
  return { ...prepared, facts: { ...factsOf({ kind: 'sample', name: 'mnist' }, prepared), defaultInput: MNIST_INPUT } };
}

async function resolveFolder(
  spec: { folder: string; classes?: number | undefined },
  { cacheDir, baseDir, log }: Required<ResolveOptions>,
): Promise<ResolvedDataset> {
  const path = resolve(baseDir, spec.folder);
  const classes = spec.classes ?? null;
  const files = await findIdxFiles(path);
  const key = cacheKey(await hashFiles(files), classes);
  const prepare = async (folder: string): Promise<void> => {
    log(`preparing ${basename(path)} (${path})`);
    await prepareIdx(files, classes, folder);
    if (cacheKey(await hashFiles(files), classes) !== key) {
      throw new LockstepError(
        'data.changed',
        `${path}: the files changed while they were read; try again when they rest`,
      );
    }
  };
  const prepared = await cacheDataset(cacheDir, key, prepare, log);
  return { ...prepared, facts: factsOf({ kind: 'folder', path }, prepared) };
}

/**
 * Finds the data that a run spec names, prepares it as shard files in the cache if that was not done before, verifies
 * them, and says what is in them. Throws LockstepError: `bad-input.*` for a wrong name or folder, `data.*` for wrong
 * content (naming file and sample), `infrastructure.disk*` for the cache.
 */
export async function resolveDataset(
  dataset: DatasetSpec,
  options: ResolveOptions,
  reach: MnistReach = outsideReach,
): Promise<ResolvedDataset> {
  const complete = { ...options, log: options.log ?? (() => undefined) };
  if (typeof dataset !== 'string') return resolveFolder(dataset, complete);
  if (dataset === 'mnist') return resolveMnist(complete, reach);
  const likely = suggest(dataset, SAMPLES);
  throw new LockstepError(
    'bad-input.unknown-dataset',
    `Expected the name of a sample dataset (${SAMPLES.join(', ')}) or {folder: <path>}, got "${dataset}"` +
      (likely ? `; did you mean "${likely}"?` : '; for files of your own, write `dataset: {folder: path}`.'),
  );
}
