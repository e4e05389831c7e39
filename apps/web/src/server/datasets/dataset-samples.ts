import type { Dataset } from '@lockstep/contracts';
import { readSamples, sampleOrigins } from '@lockstep/trainer/datasets';
import type { LocalDataset, LocalDatasets } from '../services/local-datasets.js';

export const splits = ['train', 'validation'] as const;
type Split = (typeof splits)[number];

/** Samples of one answer, and their bytes; large samples come fewer at a time. */
export const mostSamples = 100;
const mostBytes = 2 * 1024 * 1024;
/** A histogram of more classes says nothing. */
const mostClasses = 256;

const elsewhere =
  'The data is not on the machine that serves these pages. Nodes have it in their caches; runs are not affected.';

/** Where a dataset is from, and what its splits hold where this machine has the data. */
export async function datasetContent(datasets: LocalDatasets, dataset: Dataset) {
  const origin = dataset.kind === 'sample' ? (sampleOrigins[dataset.name] ?? null) : null;
  const local = await datasets.find(dataset);
  if (local === null) return { origin, isHere: false as const, why: whyNot(dataset) };
  return {
    origin,
    isHere: true as const,
    splits: splits.map((split) => ({
      split,
      samples: local[split].header.count,
      bytes: local[split].header.samples.bytes + local[split].header.labels.bytes,
      sha256: local[split].header.samples.sha256,
      classCounts: local[split].header.classes > mostClasses ? null : local.classCounts[split],
    })),
  };
}

/** Samples from `offset` on: `values` are the bytes as they are stored (uint8, or float32 little-endian), in base64. */
export async function datasetSamples(
  datasets: LocalDatasets,
  dataset: Dataset,
  { split, offset, count }: { readonly split: Split; readonly offset: number; readonly count: number },
) {
  const local = await datasets.find(dataset);
  if (local === null) return { isHere: false as const, why: whyNot(dataset) };
  const shard = local[split];
  const rows = await readSamples(shard, { offset, count: bounded(shard, count) });
  return {
    isHere: true as const,
    split,
    offset,
    total: shard.header.count,
    shape: shard.header.shape,
    dtype: shard.header.dtype,
    labels: [...rows.labels],
    values: Buffer.from(rows.bytes).toString('base64'),
  };
}

function bounded({ header }: LocalDataset[Split], count: number): number {
  const each = header.samples.bytes / header.count;
  return Math.max(1, Math.min(count, Math.floor(mostBytes / each)));
}

function whyNot({ version }: Dataset): string {
  return version === null ? 'No version of this dataset is prepared yet.' : elsewhere;
}
