// A run that was cut anywhere and continued, also on another number of ranks, ends with the same bits.
import { join } from 'node:path';
import { chance } from '../chance.mjs';
import { writeImages } from '../datasets.mjs';
import { Command, completed, lastJson, lockstep, sameOutcome } from '../lockstep.mjs';
import { checkpointsOf, copyCutAfter, freshFolder, rowOf } from '../run-folder.mjs';
import { lenet5, lenetLayers, writeSpec } from '../specs.mjs';

/** 10 steps an epoch, the last with 5 samples over 4 lanes. */
const data = { shape: [28, 28], classes: 4, train: 293, test: 90 };
const epochs = 2;
const lastStep = 10 * epochs;

/** Everything that a cut could lose: batch norm, dropout, the moments of Adam, sums of a validation. */
const smallSpec = (checkpoint, validation = { batchSize: 7 }) =>
  lenet5({
    dataset: { folder: './images' },
    model: lenetLayers({ classes: 4, batchNorm: true }),
    training: { epochs, batchSize: 32, optimizer: { kind: 'adam', learningRate: 0.002 } },
    validation,
    checkpoint: { everySeconds: 3600, keepLast: 1000, ...checkpoint },
    lanes: 4,
  });

const workersFor = (index) => 1 + (index % 4);

async function train(path, workers, runDir) {
  return completed(await lockstep(['train', path, '--workers', `${workers}`, '--run-dir', runDir, '--json']));
}

async function resume(runDir, workers) {
  return completed(await lockstep(['train', '--resume', runDir, '--workers', `${workers}`, '--json']));
}

/**
 * A checkpoint that is only due gives way to a later one where the disk is slow, so a schedule of every step need not
 * give one of every step. The first of a run always stays: runs with validation after each epoch give those of the first
 * epoch, runs with validation at the end only those of the second.
 */
async function everyStep(once, place, steps) {
  writeImages(join(place, 'images'), data);
  const validations = [
    { name: 'each-epoch', validation: { batchSize: 7 }, isFor: (step) => step <= 10 },
    { name: 'at-the-end', validation: { batchSize: 7, everyEpochs: epochs }, isFor: (step) => step > 10 },
  ];
  const different = [];
  const phases = [];
  for (const { name, validation, isFor } of validations) {
    const whole = await once(`${name}-whole`, () =>
      train(writeSpec(place, smallSpec({}, validation), `${name}.json`), 1, freshFolder(join(place, name))),
    );
    for (const step of steps.filter(isFor)) {
      const resumed = await once(`step-${step}`, () => cutAfter(place, step, validation));
      if (resumed.length === 0) different.push(`no checkpoint of step ${step}`);
      phases.push(...resumed.map(({ phase }) => phase));
      for (const result of resumed) {
        if (!sameOutcome(result, whole)) different.push(`step ${step} (${result.phase}): ${result.stateDigest}`);
      }
    }
  }
  const before = phases.filter((phase) => phase === 'validate').length;
  return {
    passed: different.length === 0,
    got:
      different.length === 0
        ? `${phases.length} cuts after ${steps.length} steps equal, ${before} of them between training and validation`
        : different.join('; '),
  };
}

/** Trains with a checkpoint after this step, and continues from each checkpoint of it (after an epoch there are two). */
async function cutAfter(place, step, validation) {
  const path = writeSpec(place, smallSpec({ everySteps: step }, validation), `every-${step}.json`);
  const runDir = freshFolder(join(place, `every-${step}`));
  await train(path, workersFor(step), runDir);
  const atStep = checkpointsOf(runDir).filter((checkpoint) => checkpoint.step === step);
  const results = [];
  for (const [index, checkpoint] of atStep.entries()) {
    const cut = copyCutAfter(runDir, checkpoint, join(place, `cut-${step}-${index}`));
    const { phase } = checkpoint.manifest.trainState;
    results.push({ phase, ...(await resume(cut, workersFor(step + 1 + index))) });
  }
  return results;
}

/** Ctrl-C at a moment in the validation, which has many batches: it begins when an epoch's training is over. */
async function duringValidation(once, place, rounds) {
  writeImages(join(place, 'images'), { ...data, test: 3000 });
  const path = writeSpec(place, smallSpec({}, { batchSize: 1 }), 'whole.json');
  const whole = await once('whole', () => train(path, 1, freshFolder(join(place, 'whole'))));
  const different = [];
  const cuts = [];
  for (const round of rounds) {
    const result = await once(`round-${round}`, async () => {
      const runDir = freshFolder(join(place, `run-${round}`));
      const batches = [];
      for (let epoch = 0; epoch < epochs; epoch++) {
        const start = epoch === 0 ? [path, '--run-dir', runDir] : ['--resume', runDir];
        const command = new Command(['train', ...start, '--workers', `${workersFor(round + epoch)}`, '--json']);
        const row = await rowOf(runDir, command, ({ kind, epoch: of }) => kind === 'epoch' && of === epoch);
        // A validation takes more than a second.
        await new Promise((resolve) => setTimeout(resolve, 400 * chance('validation', round, epoch)));
        command.signal('SIGINT');
        const end = await command.ended;
        const { phase, validationBatch, step } = checkpointsOf(runDir).at(-1)?.manifest?.trainState ?? {};
        if (row === null || end.code !== 130 || phase !== 'validate' || lastJson(end)?.state !== 'cancelled') {
          throw new Error(
            `expected a stop in the validation of epoch ${epoch}, got exit code ${end.code}, phase ${phase} at step ${step}\n${end.stderr}`,
          );
        }
        batches.push(validationBatch);
      }
      return { batches, ...(await resume(runDir, workersFor(round + epochs))) };
    });
    cuts.push(result.batches.join(' and '));
    if (!sameOutcome(result, whole)) different.push(`round ${round}: ${result.stateDigest.slice(0, 12)}`);
  }
  return {
    passed: different.length === 0,
    got:
      different.length === 0
        ? `stopped after batches ${cuts.join('; ')} of 3000: state ${whole.stateDigest.slice(0, 12)}`
        : different.join('; '),
  };
}

/** Ctrl-C in MNIST, three times, each time going on with another number of ranks. */
async function stopped(once, place) {
  const path = writeSpec(place, lenet5({ training: { epochs: 2 } }));
  const whole = await once('whole', () => train(path, 2, freshFolder(join(place, 'whole'))));
  const runDir = freshFolder(join(place, 'run'));
  const result = await once('resumed', async () => {
    const steps = [];
    for (const [index, [workers, from]] of [
      [3, 60],
      [1, 300],
      [2, 600],
    ].entries()) {
      const start = index === 0 ? [path, '--run-dir', runDir] : ['--resume', runDir];
      const command = new Command(['train', ...start, '--workers', `${workers}`, '--json']);
      await rowOf(runDir, command, ({ kind, step }) => kind === 'train' && step >= from);
      command.signal('SIGINT');
      const end = await command.ended;
      if (end.code !== 130) throw new Error(`expected exit code 130 after Ctrl-C, got ${end.code}\n${end.stderr}`);
      steps.push(lastJson(end).steps);
    }
    return { stops: steps, ...(await resume(runDir, 4)) };
  });
  return {
    passed: sameOutcome(result, whole),
    got: `stopped after steps ${result.stops.join(', ')}; weights ${result.weightsDigest.slice(0, 12)} and ${whole.weightsDigest.slice(0, 12)}`,
  };
}

export const resumes = {
  name: 'resume',
  title: 'Resume after a cut',
  cases: ({ quick, folder }) => [
    {
      name: 'every-step',
      title: `a cut after each of ${lastStep} steps (batch norm, dropout, Adam), continued on 1 to 4 ranks`,
      wants: 'digests, accuracy and loss of the whole run',
      run: (once) =>
        everyStep(once, folder(), quick ? [1, 10, 11] : Array.from({ length: lastStep }, (_, index) => index + 1)),
    },
    {
      name: 'validation',
      title: 'Ctrl-C in the middle of both validations',
      wants: 'digests, accuracy and loss of the whole run',
      run: (once) => duringValidation(once, folder(), quick ? [0] : [0, 1, 2, 3]),
    },
    {
      name: 'ctrl-c',
      title: 'LeNet-5 on MNIST, Ctrl-C three times: 3 → 1 → 2 → 4 ranks',
      wants: 'digests, accuracy and loss of the whole run; exit code 130 at each stop',
      run: (once) => stopped(once, folder()),
    },
  ],
};
