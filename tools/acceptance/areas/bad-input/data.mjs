// Datasets that are not what they say.
import { chmodSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { idx, writeImages } from '../../datasets.mjs';
import { writeSpec } from '../../specs.mjs';

const small = { shape: [8, 8], classes: 3, train: 60, test: 20 };
const trainImages = 'train-images-idx3-ubyte';
const trainLabels = 'train-labels-idx1-ubyte';

/** `harm` is done to the folder of a dataset that was good. */
function dataCase({ name, title, harm, says, dataset = '{ folder: ./images }', ...rest }) {
  return {
    name,
    title,
    code: 2,
    says,
    prepare(place) {
      harm(writeImages(join(place, 'images'), small));
      const spec = `dataset: ${dataset}\nmodel: { preset: softmax-regression }\ntraining: { batchSize: 16 }\nlanes: 4\n`;
      writeSpec(place, spec, 'spec.yaml');
      return { args: ['train', 'spec.yaml'], ...rest };
    },
  };
}

function edit(path, change) {
  const bytes = readFileSync(path);
  writeFileSync(path, change(bytes));
}

/** Sets one byte. */
const withByte = (index, value) => (bytes) => {
  bytes[index] = value;
  return bytes;
};

/** Root can read everything; without these two rights it is refused like anybody else. */
const withoutRootsRights =
  process.getuid?.() === 0
    ? ['setpriv', '--inh-caps=-dac_override,-dac_read_search', '--bounding-set=-dac_override,-dac_read_search']
    : [];

export const wrongData = [
  dataCase({
    name: 'label-out-of-range',
    title: 'a label out of range',
    dataset: '{ folder: ./images, classes: 3 }',
    harm: (images) => edit(join(images, trainLabels), withByte(8 + 17, 9)),
    says: [/train-labels/, /got 9 for sample 17/],
  }),
  dataCase({
    name: 'truncated-idx',
    title: 'a truncated IDX file',
    harm: (images) => truncateSync(join(images, trainImages), 1000),
    says: [/train-images/, /1000|984/],
  }),
  dataCase({
    name: 'truncated-header',
    title: 'an IDX file cut in its header',
    harm: (images) => truncateSync(join(images, trainImages), 7),
    says: [/train-images/],
  }),
  dataCase({
    name: 'empty-idx',
    title: 'an empty IDX file',
    harm: (images) => truncateSync(join(images, trainLabels), 0),
    says: [/train-labels/],
  }),
  dataCase({
    name: 'corrupt-idx',
    title: 'an IDX file with a wrong type byte',
    harm: (images) => edit(join(images, trainImages), withByte(2, 0x77)),
    says: [/train-images/],
  }),
  dataCase({
    name: 'grown-idx',
    title: 'an IDX file that is longer than its header says',
    harm: (images) => edit(join(images, trainImages), (bytes) => Buffer.concat([bytes, Buffer.alloc(5)])),
    says: [/train-images/],
  }),
  dataCase({
    name: 'huge-idx',
    title: 'an IDX header that claims 4 billion images',
    harm: (images) => edit(join(images, trainImages), (bytes) => bytes.fill(0xff, 4, 8)),
    says: [/train-images/, /4294967295/],
  }),
  dataCase({
    name: 'corrupt-gzip',
    title: 'a gzip file that is cut',
    harm: (images) => {
      const path = join(images, trainImages);
      const packed = gzipSync(readFileSync(path));
      rmSync(path);
      writeFileSync(`${path}.gz`, packed.subarray(0, packed.length >> 1));
    },
    says: [/train-images-idx3-ubyte\.gz/],
  }),
  dataCase({
    name: 'fewer-labels',
    title: 'fewer labels than images',
    harm: (images) => writeFileSync(join(images, trainLabels), idx([59], Array(59).fill(1))),
    says: [/60 images/, /59 labels/],
  }),
  dataCase({
    name: 'no-validation-files',
    title: 'a folder without validation files',
    harm: (images) => rmSync(join(images, 'test-labels-idx1-ubyte')),
    says: [/t10k-labels\*|test-labels\*/],
  }),
  dataCase({
    name: 'missing-folder',
    title: 'a folder that is not there',
    dataset: '{ folder: ./imagse }',
    harm: () => undefined,
    says: [/imagse/, /nothing at this path/],
  }),
  dataCase({
    name: 'unreadable-folder',
    title: 'a folder that may not be read',
    harm: (images) => chmodSync(images, 0o000),
    says: [/images/, /EACCES/],
    prefix: withoutRootsRights,
    cleanUp: (place) => chmodSync(join(place, 'images'), 0o755),
  }),
  dataCase({
    name: 'unreadable-file',
    title: 'a file that may not be read',
    harm: (images) => chmodSync(join(images, trainImages), 0o000),
    says: [/train-images/, /EACCES/],
    prefix: withoutRootsRights,
  }),
];
