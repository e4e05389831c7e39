import { createHash } from 'node:crypto';
import { canonicalJson, type ShardHeader } from '@lockstep/engine/train';

/**
 * Version of a dataset: SHA-256 (hex) over what training sees of it (shape, dtype, classes, and count and content
 * hashes of both splits), so that the same data has the same version wherever and however it was stored.
 */
export function datasetVersion(train: ShardHeader, validation: ShardHeader): string {
  const split = ({ count, samples, labels }: ShardHeader) => ({
    count,
    samples: samples.sha256,
    labels: labels.sha256,
  });
  const content = {
    format: 'lockstep-dataset/1',
    shape: train.shape,
    dtype: train.dtype,
    classes: train.classes,
    train: split(train),
    validation: split(validation),
  };
  return createHash('sha256').update(canonicalJson(content)).digest('hex');
}
