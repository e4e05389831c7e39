// SIGKILL of any rank at any moment: the run goes on by itself, to the same bits.
import { join } from 'node:path';
import { chance, pick } from '../chance.mjs';
import { Command, completed, lockstep, sameOutcome } from '../lockstep.mjs';
import { send } from '../processes.mjs';
import { freshFolder, isProgress, metricsOf, rowOf } from '../run-folder.mjs';
import { lenet5, writeSpec } from '../specs.mjs';

const spec = lenet5({ training: { epochs: 1 }, checkpoint: { everySeconds: 0.2 } });

async function undisturbed(path, workers, runDir) {
  const end = await lockstep(['train', path, '--workers', `${workers}`, '--run-dir', runDir, '--json']);
  return { wallSeconds: end.seconds, ...completed(end) };
}

/**
 * Kills one rank: at every other seed after a share of the time that the run takes undisturbed, which may be in its start,
 * its validation or its end; at the others after a share of its steps, so that a busy machine does not move all to the start.
 */
async function killOne({ path, place, workers, seed, wallSeconds, steps }) {
  const rank = pick(workers, 'rank', workers, seed);
  let share = chance('moment', workers, seed);
  for (let attempt = 1; ; attempt++) {
    const runDir = freshFolder(join(place, `run-${workers}-${seed}-${attempt}`));
    const command = new Command(['train', path, '--workers', `${workers}`, '--run-dir', runDir, '--json']);
    const moment =
      seed % 2 === 0
        ? new Promise((resolve) => setTimeout(resolve, share * wallSeconds * 1000))
        : rowOf(runDir, command, ({ kind, step }) => kind === 'train' && step >= share * steps);
    if (!(await killAt(command, rank, moment))) {
      // The machine was faster this time: the run was over. An earlier moment is chosen.
      completed(await command.ended);
      share *= 0.7;
      continue;
    }
    const killedAt = performance.now();
    const before = Math.max(1, ...metricsOf(runDir).map(({ generation }) => generation));
    const next = await rowOf(runDir, command, (row) => isProgress(row) && row.generation > before);
    const secondsToProgress = next === null ? null : (performance.now() - killedAt) / 1000;
    const end = await command.ended;
    const generations = metricsOf(runDir).filter(({ kind }) => kind === 'generation');
    return {
      rank,
      share,
      secondsToProgress,
      wallSeconds: end.seconds,
      starts: generations.map(({ step }) => step),
      ...completed(end),
    };
  }
}

/** Waits for the moment, then for the rank to exist. False when the command ended before. */
async function killAt(command, rank, moment) {
  let isOver = false;
  const over = command.ended.then(() => {
    isOver = true;
  });
  await Promise.race([over, moment]);
  while (!isOver) {
    const pid = command.ranks()[rank];
    if (pid !== undefined && send(pid, 'SIGKILL')) return true;
    await Promise.race([over, new Promise((resolve) => setTimeout(resolve, 5))]);
  }
  return false;
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

async function kills(once, place, workers, seeds) {
  const path = writeSpec(place, spec);
  const whole = await once('whole', () => undisturbed(path, workers, freshFolder(join(place, `whole-${workers}`))));
  const results = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const { wallSeconds, steps } = whole;
    results.push(await once(`seed-${seed}`, () => killOne({ path, place, workers, seed, wallSeconds, steps })));
  }
  const different = results.flatMap((result, index) => (sameOutcome(result, whole) ? [] : [`seed ${index + 1}`]));
  const times = results.flatMap(({ secondsToProgress }) => (secondsToProgress === null ? [] : [secondsToProgress]));
  const restarted = results.filter(({ starts }) => starts.length > 1).length;
  const fromCheckpoint = results.filter(({ starts }) => starts.length > 1 && starts.at(-1) > 0).length;
  const longest = Math.max(...results.map(({ wallSeconds }) => wallSeconds));
  const figures = `${restarted} restarts, ${fromCheckpoint} from a checkpoint; kill to next progress median ${median(times).toFixed(2)} s, longest ${Math.max(...times).toFixed(2)} s; whole run ${longest.toFixed(0)} s at most, ${whole.wallSeconds.toFixed(0)} s undisturbed`;
  return {
    // A rank that is killed when it has said its last word needs no restart; most must need one.
    passed: different.length === 0 && restarted >= seeds * 0.8,
    got:
      different.length === 0
        ? `${seeds} of ${seeds} equal, exit 0; ${figures}`
        : `different: ${different.join(', ')}; ${figures}`,
  };
}

export const kill = {
  name: 'kill',
  title: 'SIGKILL of a random rank at a random moment',
  cases: ({ quick, folder }) =>
    [2, 3].map((workers) => ({
      name: `${workers}-workers`,
      title: `LeNet-5, 1 epoch, ${workers} ranks, ${quick ? 3 : 30} seeds`,
      wants: 'digests of the undisturbed run, exit 0, no process left',
      run: (once) => kills(once, folder(), workers, quick ? 3 : 30),
    })),
};
