// One moment of one case: when, and on whom, follows from the seed.
import { chance } from '../acceptance/chance.mjs';
import { disturbanceOf } from './cases.mjs';
import { disturbedRun } from './disturbed-run.mjs';

export { caseNames } from './cases.mjs';
export { undisturbedRun } from './disturbed-run.mjs';
export { startField } from './field.mjs';

/** LeNet-5 with checkpoints often enough that a loss is made good soon. */
export function specOf(epochs) {
  return {
    dataset: 'mnist',
    model: { preset: 'lenet5' },
    training: { epochs, batchSize: 128 },
    checkpoint: { everySeconds: 2 },
  };
}

/** @returns what was done and what came of it; `faults` is empty where everything was as without the disturbance */
export async function runMoment({ field, spec, expected, seed, name, moment, cutMs = 60_000 }) {
  const words = [seed, name, String(moment)];
  const { what, disturb } = disturbanceOf(name, words);
  // Not so late that there is nothing left to recover for.
  const share = 0.1 + 0.5 * chance(...words, 'step');
  const result = await disturbedRun({
    ...field,
    spec,
    name: `${name}-${moment}`,
    share,
    words,
    disturb,
    expected,
    cutMs,
  });
  return { name, moment, what, ...result };
}
