// Disks that are full and checkpoints that are damaged.
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeImages } from '../../datasets.mjs';
import { completed, lockstep } from '../../lockstep.mjs';
import { checkpointsOf } from '../../run-folder.mjs';
import { lenet5, writeSpec } from '../../specs.mjs';

/** Four steps an epoch, two epochs; a checkpoint after every fourth step. */
async function trained(place) {
  writeImages(join(place, 'images'), { shape: [28, 28], classes: 3, train: 64, test: 20 });
  const spec = lenet5({
    dataset: { folder: './images' },
    training: { epochs: 2, batchSize: 16 },
    checkpoint: { everySteps: 4, keepLast: 10 },
    lanes: 4,
  });
  const path = writeSpec(place, spec);
  const whole = completed(await lockstep(['train', path, '--run-dir', 'run', '--json'], { cwd: place }));
  return { whole, checkpoints: checkpointsOf(join(place, 'run')) };
}

/** `harm` is done to the checkpoints of a completed run, oldest first; the run is then resumed. */
function damagedCheckpoint(name, title, harm, says, rest = {}) {
  return {
    name,
    title,
    code: 0,
    completes: true,
    says,
    async prepare(place) {
      const { whole, checkpoints } = await trained(place);
      harm(checkpoints);
      return { args: ['train', '--resume', 'run', '--workers', '2', '--json'], whole };
    },
    ...rest,
  };
}

function flip(path) {
  const bytes = readFileSync(path);
  bytes[bytes.length - 5] ^= 0x10;
  writeFileSync(path, bytes);
}

const model = ({ path }) => join(path, 'model.safetensors');

/**
 * In a mount namespace of its own the disk is small, and gone when the command ends. `thenDigest`: the run folder is looked
 * at before that.
 */
function onSmallDisk({ name, title, kibibytes, spec, says, code, thenDigest = false }) {
  return {
    name,
    title,
    code,
    says,
    prepare(place) {
      const path = writeSpec(place, spec);
      const disk = join(place, 'disk');
      const mount = `mkdir -p "$1" && mount -t tmpfs -o size=${kibibytes}k tmpfs "$1" && disk="$1" && shift`;
      const script = thenDigest
        ? `${mount} && "$@"; code=$?; "$1" "$2" digest "$disk/run"; exit $code`
        : `${mount} && exec "$@"`;
      const mapped = process.getuid?.() === 0 ? [] : ['--map-root-user'];
      return {
        args: ['train', path, '--run-dir', join(disk, 'run'), '--workers', '2', '--json'],
        prefix: ['unshare', '--mount', ...mapped, 'sh', '-c', script, 'sh', disk],
      };
    },
  };
}

const falls = [/warning: .*step-000000008/s, /continuing after step 4|Resuming after step 4/i];

export const damages = [
  damagedCheckpoint(
    'damaged-checkpoint',
    'resume, newest checkpoint changed: falls to the one before',
    (checkpoints) => {
      for (const checkpoint of checkpoints.filter(({ step }) => step === 8)) flip(model(checkpoint));
    },
    falls,
  ),
  damagedCheckpoint(
    'truncated-checkpoint',
    'resume, newest checkpoint cut short',
    (checkpoints) => {
      for (const checkpoint of checkpoints.filter(({ step }) => step === 8)) truncateSync(model(checkpoint), 100);
    },
    falls,
  ),
  damagedCheckpoint(
    'torn-manifest',
    'resume, newest manifest cut short',
    (checkpoints) => {
      for (const { path } of checkpoints.filter(({ step }) => step === 8))
        truncateSync(join(path, 'manifest.json'), 40);
    },
    falls,
  ),
  damagedCheckpoint(
    'missing-manifest',
    'resume, newest manifest missing',
    (checkpoints) => {
      for (const { path } of checkpoints.filter(({ step }) => step === 8)) rmSync(join(path, 'manifest.json'));
    },
    falls,
  ),
  damagedCheckpoint(
    'all-checkpoints-damaged',
    'resume, every checkpoint damaged: starts again and says so',
    (checkpoints) => {
      for (const checkpoint of checkpoints) flip(model(checkpoint));
    },
    [/step-000000004/, /No checkpoint could be used: the run starts again at step 0/],
  ),
  {
    name: 'digest-damaged',
    title: 'digest of a damaged checkpoint',
    code: 2,
    says: [/SHA-256/, /its content was changed/],
    async prepare(place) {
      const { checkpoints } = await trained(place);
      flip(model(checkpoints.at(-1)));
      return { args: ['digest', checkpoints.at(-1).path] };
    },
  },
  onSmallDisk({
    name: 'full-disk-from-the-first',
    title: 'a disk without room for any checkpoint',
    kibibytes: 64,
    spec: lenet5({ checkpoint: { everySeconds: 0.5 } }),
    says: [/warning: .*full; free some space/, /error: .*full; free some space/],
    code: 4,
  }),
  onSmallDisk({
    name: 'full-disk-at-the-second',
    title: 'a disk with room for one checkpoint only: that one stays good',
    kibibytes: 300,
    spec: lenet5({ checkpoint: { everySteps: 100 } }),
    says: [/error: .*Earlier checkpoints are untouched/, /^step {8}100$/m],
    code: 4,
    thenDigest: true,
  }),
  onSmallDisk({
    name: 'full-disk-at-the-start',
    title: 'a disk without room for the run folder',
    kibibytes: 4,
    spec: lenet5(),
    says: [/error: .*disk.* full/i],
    code: 4,
  }),
];
