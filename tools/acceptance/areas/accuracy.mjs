// LeNet-5 on MNIST learns what it should, over seeds.
import { join } from 'node:path';
import { completed, lockstep } from '../lockstep.mjs';
import { freshFolder } from '../run-folder.mjs';
import { lenet5, writeSpec } from '../specs.mjs';

const cases = [
  {
    name: '3-epochs',
    title: '3 epochs, rate 0.05',
    spec: lenet5({ training: { epochs: 3 } }),
    mean: 0.982,
    each: 0.978,
  },
  {
    name: '10-epochs',
    title: '10 epochs, rate 0.05, × 0.2 before epochs 5 and 8',
    spec: lenet5({ training: { epochs: 10, schedule: { kind: 'step', factor: 0.2, epochs: [5, 8] } } }),
    mean: 0.986,
    each: 0,
  },
];

const percent = (share) => `${(share * 100).toFixed(2)}%`;

export const accuracy = {
  name: 'accuracy',
  title: 'Accuracy: LeNet-5, batch 128, SGD momentum 0.9',
  cases: ({ quick, folder }) =>
    cases.map(({ name, title, spec, mean, each }) => ({
      name,
      title: `${title}, ${quick ? 2 : 5} seeds`,
      wants: `mean ≥ ${percent(mean)}${each > 0 ? `, each ≥ ${percent(each)}` : ''}`,
      async run(once) {
        const place = folder();
        const path = writeSpec(place, spec);
        const accuracies = [];
        for (let seed = 1; seed <= (quick ? 2 : 5); seed++) {
          const summary = await once(`seed-${seed}`, async () => {
            const args = [
              'train',
              path,
              '--workers',
              '2',
              '--seed',
              `${seed}`,
              '--json',
              '--run-dir',
              freshFolder(join(place, `run-${seed}`)),
            ];
            return completed(await lockstep(args));
          });
          accuracies.push(summary.testAccuracy);
        }
        const average = accuracies.reduce((sum, value) => sum + value, 0) / accuracies.length;
        return {
          passed: average >= mean && accuracies.every((value) => value >= each),
          got: `mean ${percent(average)}; ${accuracies.map(percent).join(', ')}`,
        };
      },
    })),
};
