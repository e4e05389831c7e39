// The same bits on any number of ranks.
import { join } from 'node:path';
import { writeImages } from '../datasets.mjs';
import { completed, lockstep, sameOutcome } from '../lockstep.mjs';
import { freshFolder } from '../run-folder.mjs';
import { lenet5, lenetLayers, writeSpec } from '../specs.mjs';

const adam = { kind: 'adam', learningRate: 0.001 };
/** Ranks × threads. Four ranks share two cores here; that changes time, not bits. */
const memberships = [
  [1, 1],
  [1, 2],
  [2, 1],
  [3, 1],
  [4, 1],
];

/** `data`: a dataset of its own, made in the folder of the case. */
const groups = [
  { name: 'lenet5-b128', title: 'LeNet-5, batch 128, 8 lanes', spec: lenet5() },
  { name: 'lenet5-b100', title: 'LeNet-5, batch 100, 8 lanes', spec: lenet5({ training: { batchSize: 100 } }) },
  { name: 'lenet5-b12', title: 'LeNet-5, batch 12, 4 lanes', spec: lenet5({ training: { batchSize: 12 }, lanes: 4 }) },
  {
    name: 'lenet5-adam-dropout',
    title: 'LeNet-5 with dropout, Adam, batch 128, 8 lanes',
    spec: lenet5({ model: lenetLayers(), training: { optimizer: adam } }),
  },
  {
    name: 'partial-batch',
    title: 'last batch of 5 samples over 8 lanes: one sample or none a lane',
    data: { shape: [28, 28], classes: 4, train: 133, test: 41 },
    spec: lenet5({ training: { epochs: 4, batchSize: 32 }, validation: { batchSize: 9 } }),
  },
  {
    name: 'partial-batch-norm',
    title: 'the same with batch norm, dropout and Adam; batch 64',
    data: { shape: [28, 28], classes: 4, train: 133, test: 41 },
    spec: lenet5({
      model: lenetLayers({ classes: 4, batchNorm: true }),
      training: { epochs: 4, batchSize: 64, optimizer: adam },
    }),
  },
  {
    name: 'resnet20',
    title: 'ResNet-20 on 3×32×32 images, batch 64, 8 lanes',
    data: { shape: [3, 32, 32], classes: 4, train: 300, test: 60 },
    spec: lenet5({
      model: { preset: 'resnet20' },
      input: { mean: [0.4, 0.5, 0.6], std: [0.2, 0.3, 0.4] },
      training: { epochs: 2, batchSize: 64 },
    }),
  },
  {
    name: 'resnet20-partial-batch',
    title: 'ResNet-20, last batch of 3 samples over 4 lanes, Adam',
    data: { shape: [3, 32, 32], classes: 4, train: 99, test: 21 },
    spec: lenet5({
      model: { preset: 'resnet20' },
      input: { mean: 0.5, std: 0.3 },
      training: { epochs: 2, batchSize: 32, optimizer: adam },
      lanes: 4,
    }),
  },
];

export const digests = {
  name: 'digests',
  title: 'Digest equality over ranks × threads',
  cases: ({ quick, folder }) =>
    groups.map(({ name, title, spec, data }) => ({
      name,
      title,
      wants: 'weights, state, accuracy and loss equal on 1, 2, 3 and 4 ranks',
      async run(once) {
        const place = folder();
        if (data) writeImages(join(place, 'images'), data);
        const path = writeSpec(place, data ? { ...spec, dataset: { folder: './images' } } : spec);
        const summaries = [];
        for (const [workers, threads] of quick ? memberships.slice(1, 4) : memberships) {
          const label = `${workers}x${threads}`;
          const args = ['train', path, '--workers', `${workers}`, '--threads', `${threads}`, '--json'];
          const summary = await once(label, async () =>
            completed(await lockstep([...args, '--run-dir', freshFolder(join(place, label))])),
          );
          summaries.push({ label, ...summary });
        }
        const [first] = summaries;
        const other = summaries.filter((summary) => !sameOutcome(summary, first));
        const list = summaries.map(({ label }) => label.replace('x', '×')).join(', ');
        return {
          passed: other.length === 0,
          got:
            other.length === 0
              ? `${list}: weights ${first.weightsDigest.slice(0, 12)}, state ${first.stateDigest.slice(0, 12)}, ${first.steps} steps`
              : summaries
                  .map(
                    ({ label, weightsDigest, stateDigest, testAccuracy }) =>
                      `${label}: ${weightsDigest.slice(0, 12)} ${stateDigest.slice(0, 12)} ${testAccuracy}`,
                  )
                  .join('; '),
        };
      },
    })),
};
