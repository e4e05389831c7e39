// Commands that ask for what cannot be.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { idx, writeImages } from '../../datasets.mjs';
import { completed, lockstep } from '../../lockstep.mjs';
import { writeSpec } from '../../specs.mjs';

const small = { shape: [8, 8], classes: 3, train: 60, test: 20 };
const good =
  'dataset: { folder: ./images }\nmodel: { preset: softmax-regression }\ntraining: { batchSize: 16 }\nlanes: 4\n';

function commandCase({ name, title, args, says, code = 2, prepare = () => undefined }) {
  return {
    name,
    title,
    code,
    says,
    async prepare(place) {
      writeImages(join(place, 'images'), small);
      writeSpec(place, good, 'spec.yaml');
      await prepare(place);
      return { args };
    },
  };
}

const trained = async (place) => {
  completed(await lockstep(['train', 'spec.yaml', '--run-dir', 'run', '--json'], { cwd: place }));
};

export const wrongCommands = [
  commandCase({
    name: 'zero-workers',
    title: 'zero workers',
    args: ['train', 'spec.yaml', '--workers', '0'],
    says: [/--workers/, /got "0"/],
  }),
  commandCase({
    name: 'half-a-worker',
    title: 'half a worker',
    args: ['train', 'spec.yaml', '--workers', '0.5'],
    says: [/--workers/, /got "0\.5"/],
  }),
  commandCase({
    name: 'more-threads-than-lanes',
    title: 'workers × threads beyond the lanes',
    args: ['train', 'spec.yaml', '--workers', '2', '--threads', '4'],
    says: [/2 workers × 4 threads want 8 lanes, but the run has 4 lanes/],
  }),
  commandCase({
    name: 'more-workers-than-lanes',
    title: 'more workers than lanes',
    args: ['train', 'spec.yaml', '--workers', '5'],
    says: [/5 workers/, /4 lanes/],
  }),
  commandCase({
    name: 'unknown-option',
    title: 'an option that does not exist',
    args: ['train', 'spec.yaml', '--worker', '2'],
    says: [/unknown option '--worker'/, /Did you mean --workers/],
  }),
  commandCase({
    name: 'unknown-command',
    title: 'a command that does not exist',
    args: ['tran', 'spec.yaml'],
    says: [/unknown command 'tran'/, /Did you mean train/],
  }),
  commandCase({ name: 'no-spec', title: 'train without a spec', args: ['train'], says: [/Expected a run spec/] }),
  commandCase({
    name: 'run-dir-in-use',
    title: 'a run folder that holds a run already',
    prepare: trained,
    args: ['train', 'spec.yaml', '--run-dir', 'run'],
    says: [/already holds a run/, /--resume/],
  }),
  commandCase({
    name: 'run-dir-is-file',
    title: 'a file as run folder',
    args: ['train', 'spec.yaml', '--run-dir', 'spec.yaml/run'],
    says: [/is not a folder/],
  }),
  commandCase({
    name: 'resume-nothing',
    title: 'resume of a folder without a run',
    args: ['train', '--resume', 'images'],
    says: [/Expected a run folder/],
  }),
  commandCase({
    name: 'resume-other-spec',
    title: 'resume with another spec',
    prepare: async (place) => {
      await trained(place);
      writeSpec(place, good.replace('batchSize: 16', 'batchSize: 20'), 'other.yaml');
    },
    args: ['train', 'other.yaml', '--resume', 'run'],
    says: [/training\.batchSize was 16, now it is 20/],
  }),
  commandCase({
    name: 'resume-other-data',
    title: 'resume after the data changed',
    prepare: async (place) => {
      await trained(place);
      writeImages(join(place, 'images'), { ...small, seed: 2 });
    },
    args: ['train', '--resume', 'run'],
    says: [/not the one that/, /Restore the data/],
  }),
  commandCase({
    name: 'predict-wrong-size',
    title: 'predict on an image of another size',
    prepare: async (place) => {
      await trained(place);
      writeFileSync(join(place, 'wrong-idx3-ubyte'), idx([1, 9, 8], Array(72).fill(1)));
    },
    args: ['predict', 'run', '--images', 'wrong-idx3-ubyte'],
    says: [/\[1, 8, 8\]/, /\[1, 9, 8\]/],
  }),
  commandCase({
    name: 'predict-no-image',
    title: 'predict on a file that is no image',
    prepare: trained,
    args: ['predict', 'run', '--images', 'spec.yaml'],
    says: [/spec\.yaml/],
  }),
  commandCase({
    name: 'predict-missing-image',
    title: 'predict on a file that is not there',
    prepare: trained,
    args: ['predict', 'run', '--images', 'nowhere.png'],
    says: [/nowhere\.png/, /ENOENT|no such file/],
  }),
  commandCase({
    name: 'digest-no-checkpoint',
    title: 'digest of a folder that is no checkpoint',
    args: ['digest', 'images'],
    says: [/Expected a checkpoint or a run folder/],
  }),
  commandCase({
    name: 'digest-file',
    title: 'digest of a file',
    args: ['digest', 'spec.yaml'],
    says: [/Expected a checkpoint or a run folder/],
  }),
  commandCase({
    name: 'digest-empty-run',
    title: 'digest of a run without a checkpoint',
    prepare: (place) => mkdirSync(join(place, 'run', 'checkpoints'), { recursive: true }),
    args: ['digest', 'run'],
    says: [/No checkpoint/],
  }),
];
