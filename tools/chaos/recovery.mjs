// What a run looked like from outside while it was disturbed, and how long it took to get on.

/** A look at the run: `at` in seconds since the disturbance began. */
/** @typedef {{ at: number, state: string, generation: number | null, step: number }} Look */

/**
 * Seconds from the disturbance to the first step that was not reached before. Where the ranks were formed anew, steps that
 * they had done before and do again do not count. Null where there was no such step.
 *
 * @param {Look[]} looks in order, from before the disturbance to the end
 */
export function secondsToRecover(looks) {
  const before = looks.findLast(({ at }) => at < 0);
  const last = looks.at(-1);
  const isFormedAnew = last.generation !== before.generation;
  const reached = isFormedAnew
    ? Math.max(...looks.filter(({ generation }) => generation === before.generation).map(({ step }) => step))
    : before.step;
  const first = looks.find(
    ({ at, step, generation }) => at >= 0 && step > reached && (!isFormedAnew || generation !== before.generation),
  );
  return first?.at ?? null;
}

/**
 * The longest time for which the run was shown as training while its step stood still. Looks that failed say nothing, so
 * that the time between two answers counts as well.
 *
 * @param {Look[]} looks
 */
export function longestIdleTraining(looks) {
  let longest = 0;
  let since = null;
  let step = null;
  for (const look of looks) {
    if (look.state !== 'training' || step !== look.step) since = null;
    if (look.state === 'training') {
      since ??= look.at;
      longest = Math.max(longest, look.at - since);
    }
    step = look.step;
  }
  return longest;
}

/**
 * The longest time after the disturbance without a step that was not there before: what training itself lost, wherever the
 * ranks noticed late that something was away.
 *
 * @param {Look[]} looks
 */
export function longestStall(looks) {
  let longest = 0;
  let reached = -1;
  let since = null;
  for (const { at, step } of looks) {
    if (step <= reached) continue;
    if (since !== null && at >= 0) longest = Math.max(longest, at - Math.max(since, 0));
    reached = step;
    since = at;
  }
  return longest;
}

/**
 * Says what is wrong with the metrics of a finished run; empty where nothing is. A point of `train/loss` is the mean over
 * the samples since the point before it, so their weighted sum is the epoch's loss, unless a point is missing or came twice.
 *
 * @param {{ series: Map<string, { steps: number[], values: number[] }>, epochs: number, samples: number, batchSize: number,
 *   expected: Map<string, { steps: number[], values: number[] }> }} input
 * @returns {string[]}
 */
export function faultsOfMetrics({ series, expected, epochs, samples, batchSize }) {
  const perEpoch = Math.ceil(samples / batchSize);
  const faults = [];
  const loss = series.get('train/loss') ?? { steps: [], values: [] };
  const total = epochs * perEpoch;
  if (loss.steps.at(-1) !== total) faults.push(`train/loss ends at step ${loss.steps.at(-1)}, not ${total}`);
  const back = loss.steps.findIndex((step, index) => index > 0 && step <= loss.steps[index - 1]);
  if (back !== -1) faults.push(`train/loss: step ${loss.steps[back]} comes after ${loss.steps[back - 1]}`);
  for (const name of ['train/epochLoss', 'val/loss', 'val/accuracy']) {
    const found = JSON.stringify(series.get(name) ?? null);
    const wanted = JSON.stringify(expected.get(name) ?? null);
    if (found !== wanted) faults.push(`${name} is ${found}, undisturbed ${wanted}`);
  }
  const samplesAt = (step) => {
    const epoch = Math.floor(step / perEpoch);
    return epoch * samples + Math.min(samples, (step - epoch * perEpoch) * batchSize);
  };
  const sums = new Array(epochs).fill(0);
  for (const [index, step] of loss.steps.entries()) {
    const seen = samplesAt(step) - samplesAt(loss.steps[index - 1] ?? 0);
    const epoch = Math.ceil(step / perEpoch) - 1;
    if (epoch >= 0 && epoch < epochs) sums[epoch] += loss.values[index] * seen;
  }
  for (const [epoch, sum] of sums.entries()) {
    const told = series.get('train/epochLoss')?.values[epoch];
    if (told === undefined || Math.abs(sum / samples - told) > 1e-5 * Math.abs(told))
      faults.push(`epoch ${epoch + 1}: the points of train/loss give ${sum / samples}, the epoch ${told}`);
  }
  return faults;
}

/** Smallest, middle and largest. Of an even count the middle is the mean of the two. */
export function spread(values) {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  const median = (sorted[Math.ceil(half) - 1] + sorted[Math.floor(half)]) / 2;
  return { min: sorted[0], median, max: sorted.at(-1), count: sorted.length };
}
