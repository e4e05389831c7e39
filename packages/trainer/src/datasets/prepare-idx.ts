import { basename, join } from 'node:path';
import { LockstepError, limits } from '@lockstep/contracts';
import { corruptData, type IdxHeader, idxSampleShape, type ShardHeader } from '@lockstep/engine/train';
import { readIdxHeader } from './idx-source.js';
import { readLabels } from './read-labels.js';
import { writeShard } from './write-shard.js';

/** Paths of the four IDX files of a dataset, gzipped or not. */
export interface IdxFiles {
  trainImages: string;
  trainLabels: string;
  validationImages: string;
  validationLabels: string;
}

interface SplitHeaders {
  images: IdxHeader;
  labels: IdxHeader;
}

/** Both headers of a split, checked against each other before any data is read. */
async function readSplitHeaders(imagesPath: string, labelsPath: string): Promise<SplitHeaders> {
  const images = await readIdxHeader(imagesPath);
  const labels = await readIdxHeader(labelsPath);
  idxSampleShape(images.dimensions, basename(imagesPath));
  const [imageCount, labelCount] = [images.dimensions[0] as number, labels.dimensions[0] as number];
  if (imageCount !== labelCount) {
    throw corruptData(
      `expected as many labels as images, got ${imageCount} images in ${basename(imagesPath)} and ${labelCount} labels ` +
        `in ${basename(labelsPath)}; check that the two files belong together`,
    );
  }
  if (imageCount > limits.maxSamples) {
    throw corruptData(`${basename(imagesPath)}: expected at most ${limits.maxSamples} samples, got ${imageCount}`);
  }
  return { images, labels };
}

function checkSplitsAgree(files: IdxFiles, train: IdxHeader, validation: IdxHeader): void {
  const describe = (header: IdxHeader, path: string): string =>
    `${header.type} [${idxSampleShape(header.dimensions, basename(path)).join(', ')}]`;
  const expected = describe(train, files.trainImages);
  const actual = describe(validation, files.validationImages);
  if (expected !== actual) {
    throw corruptData(
      `${basename(files.validationImages)}: expected samples like those of ${basename(files.trainImages)}, ` +
        `${expected}, got ${actual}`,
    );
  }
}

/** Largest label plus one; a classifier needs two classes at least. */
function inferClasses(labels: Int32Array, path: string): number {
  const classes = labels.reduce((most, label) => Math.max(most, label), 0) + 1;
  if (classes >= 2) return classes;
  throw new LockstepError(
    'data.too-few-classes',
    `${basename(path)}: expected labels of at least 2 classes, got only label 0; check the labels, or give \`classes\``,
  );
}

/**
 * Writes `train.shard` and `validation.shard` into `folder` from four IDX files. Classes: given, or the largest
 * training label plus one; every label of both splits must lie below.
 */
export async function prepareIdx(
  files: IdxFiles,
  classes: number | null,
  folder: string,
): Promise<{ train: ShardHeader; validation: ShardHeader }> {
  const train = await readSplitHeaders(files.trainImages, files.trainLabels);
  const validation = await readSplitHeaders(files.validationImages, files.validationLabels);
  checkSplitsAgree(files, train.images, validation.images);

  const trainLabels = await readLabels(files.trainLabels, train.labels, classes);
  const known = classes ?? inferClasses(trainLabels, files.trainLabels);
  const validationLabels = await readLabels(files.validationLabels, validation.labels, known);
  return {
    train: await writeShard(join(folder, 'train.shard'), {
      imagesPath: files.trainImages,
      images: train.images,
      labels: trainLabels,
      classes: known,
    }),
    validation: await writeShard(join(folder, 'validation.shard'), {
      imagesPath: files.validationImages,
      images: validation.images,
      labels: validationLabels,
      classes: known,
    }),
  };
}
