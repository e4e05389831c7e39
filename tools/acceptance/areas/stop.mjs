// A rank that is stopped past its deadline and then goes on: it is replaced, and writes nothing any more.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Command, completed, lastJson, lockstep, sameOutcome } from '../lockstep.mjs';
import { isAlive, isStopped, processesOfGroup, send, untilGone } from '../processes.mjs';
import { checkpointsOf, freshFolder, isProgress, metricsOf, rowOf } from '../run-folder.mjs';
import { lenet5, writeSpec } from '../specs.mjs';

const deadlineSeconds = 2;
const deadline = ['--deadline-seconds', `${deadlineSeconds}`];
const spec = lenet5({ training: { epochs: 2 }, checkpoint: { everySeconds: 0.3, keepLast: 1000 } });

const trainArgs = (path, workers, runDir) => [
  'train',
  path,
  '--workers',
  `${workers}`,
  '--run-dir',
  runDir,
  ...deadline,
  '--json',
];
const isTraining = (row) => row.kind === 'train' && row.step >= 60;
const after = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Every checkpoint folder is finished, verifies, and is of a generation that the run knows. What `cutGeneration` was writing
 * when its supervisor was killed may lie there unfinished: without a manifest it is no checkpoint.
 */
async function checkpointProblems(runDir, cutGeneration = null) {
  const generations = new Set(metricsOf(runDir).flatMap((row) => (row.kind === 'generation' ? [row.generation] : [])));
  const problems = [];
  for (const { name, path, generation, manifest } of checkpointsOf(runDir)) {
    if (manifest === null) {
      if (generation !== cutGeneration) problems.push(`${name} has no manifest`);
    } else if (!generations.has(generation)) problems.push(`${name} is of no known generation`);
    else {
      const digest = lastJson(await lockstep(['digest', path, '--json']));
      if (digest?.stateDigest !== manifest.digests.state) problems.push(`${name} does not verify`);
    }
  }
  return problems;
}

function listing(runDir) {
  return readdirSync(runDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const { size, mtimeMs } = statSync(path);
      return `${path} ${size} ${mtimeMs}`;
    })
    .sort();
}

async function whole(once, place, path) {
  return once('whole', async () => completed(await lockstep(trainArgs(path, 2, freshFolder(join(place, 'whole'))))));
}

/** Stops one rank, and lets it go on after `resumeAfterSeconds`, or when its successor trains (null). */
async function stopRank({ place, path, workers, rank, resumeAfterSeconds }) {
  const runDir = freshFolder(join(place, `run-${workers}-${rank}-${resumeAfterSeconds ?? 'late'}`));
  const command = new Command(trainArgs(path, workers, runDir));
  if ((await rowOf(runDir, command, isTraining)) === null) throw new Error((await command.ended).stderr);
  const pid = command.ranks()[rank];
  send(pid, 'SIGSTOP');
  const stoppedAt = performance.now();
  const [{ generation }] = metricsOf(runDir).slice(-1);
  let secondsToProgress = null;
  const goesOn = rowOf(runDir, command, (row) => isProgress(row) && row.generation > generation).then((row) => {
    if (row !== null) secondsToProgress = (performance.now() - stoppedAt) / 1000;
  });
  await (resumeAfterSeconds === null ? goesOn : after(resumeAfterSeconds * 1000));
  const wasThere = isAlive(pid);
  send(pid, 'SIGCONT');
  const summary = completed(await command.ended);
  await goesOn;
  const generations = metricsOf(runDir).filter(({ kind }) => kind === 'generation').length;
  return { wasThere, generations, secondsToProgress, problems: await checkpointProblems(runDir), ...summary };
}

async function deadlineCase(once, place, quick) {
  const path = writeSpec(place, spec);
  const expected = await whole(once, place, path);
  const members = [
    [2, 1, null],
    [2, 0, null],
    [3, 2, null],
    [3, 0, null],
  ];
  const problems = [];
  const times = [];
  for (const [workers, rank, resumeAfterSeconds] of quick ? members.slice(0, 2) : members) {
    const result = await once(`${workers}-${rank}`, () => stopRank({ place, path, workers, rank, resumeAfterSeconds }));
    const label = `rank ${rank} of ${workers}`;
    if (!sameOutcome(result, expected)) problems.push(`${label}: another digest`);
    if (result.generations !== 2) problems.push(`${label}: ${result.generations} generations instead of 2`);
    if (result.wasThere) problems.push(`${label}: the stopped process was still there`);
    problems.push(...result.problems);
    times.push(result.secondsToProgress);
  }
  return {
    passed: problems.length === 0,
    got:
      problems.length > 0
        ? problems.join('; ')
        : `${times.length} of ${times.length} equal, replaced once; stop to next progress ${times.map((time) => time.toFixed(1)).join(', ')} s`,
  };
}

async function closeCase(once, place, quick) {
  const path = writeSpec(place, spec);
  const expected = await whole(once, place, path);
  const problems = [];
  const told = [];
  for (const seconds of quick ? [2] : [0.5, 1.5, 1.9, 2, 2.05, 2.1, 2.3, 2.6]) {
    const result = await once(`${seconds}`, () =>
      stopRank({ place, path, workers: 2, rank: 1, resumeAfterSeconds: seconds }),
    );
    if (!sameOutcome(result, expected)) problems.push(`${seconds} s: another digest`);
    problems.push(...result.problems);
    told.push(`${seconds} s ${result.generations > 1 ? 'replaced' : 'kept'}`);
  }
  return {
    passed: problems.length === 0,
    got: problems.length > 0 ? problems.join('; ') : `equal; ${told.join(', ')}`,
  };
}

/** The command itself is stopped longer than the deadline: what it did not hear meanwhile proves nothing. */
async function supervisorCase(once, place) {
  const path = writeSpec(place, spec);
  const expected = await whole(once, place, path);
  const result = await once('supervisor', async () => {
    const runDir = freshFolder(join(place, 'supervisor'));
    const command = new Command(trainArgs(path, 2, runDir));
    await rowOf(runDir, command, isTraining);
    command.signal('SIGSTOP');
    await after(deadlineSeconds * 1500);
    command.signal('SIGCONT');
    const summary = completed(await command.ended);
    const generations = metricsOf(runDir).filter(({ kind }) => kind === 'generation').length;
    return { generations, problems: await checkpointProblems(runDir), ...summary };
  });
  return {
    passed: sameOutcome(result, expected) && result.generations === 1 && result.problems.length === 0,
    got: `${sameOutcome(result, expected) ? 'equal' : 'another digest'}, ${result.generations} generation(s)${result.problems.map((problem) => `; ${problem}`).join('')}`,
  };
}

/**
 * The worst survivor: a rank is stopped, its supervisor is killed, the run is resumed by another command and completes;
 * only then does the rank go on.
 */
async function survivorCase(once, place, quick) {
  const path = writeSpec(place, spec);
  const expected = await whole(once, place, path);
  const problems = [];
  const ranks = quick ? [0] : [0, 1];
  for (const rank of ranks) {
    const result = await once(`rank-${rank}`, async () => {
      const runDir = freshFolder(join(place, `survivor-${rank}`));
      const command = new Command(trainArgs(path, 2, runDir));
      await rowOf(runDir, command, isTraining);
      const pids = command.ranks();
      const [survivor, other] = rank === 0 ? pids : [...pids].reverse();
      send(survivor, 'SIGSTOP');
      command.signal('SIGKILL');
      await command.ended.catch(() => undefined);
      const otherEnded = await untilGone(other, (deadlineSeconds + 5) * 1000);
      const resumed = completed(await lockstep(['train', '--resume', runDir, '--workers', '2', ...deadline, '--json']));
      // It may have ended with its supervisor, but not have gone on.
      const wentOn = isAlive(survivor) && !isStopped(survivor);
      const before = listing(runDir);
      send(survivor, 'SIGCONT');
      const survivorEnded = await untilGone(survivor, (deadlineSeconds + 5) * 1000);
      const late = listing(runDir).filter((line) => !before.includes(line));
      const left = processesOfGroup(command.pid);
      for (const pid of left) send(pid, 'SIGKILL');
      return {
        wentOn,
        otherEnded,
        survivorEnded,
        late,
        left,
        problems: await checkpointProblems(runDir, 1),
        ...resumed,
      };
    });
    if (!sameOutcome(result, expected)) problems.push(`rank ${rank}: another digest`);
    if (result.wentOn) problems.push(`rank ${rank} went on before it was told to`);
    if (!result.otherEnded) problems.push(`rank ${1 - rank} outlived its supervisor`);
    if (!result.survivorEnded || result.left.length > 0) problems.push(`rank ${rank} did not end when it went on`);
    problems.push(...result.late.map((line) => `written late: ${line}`), ...result.problems);
  }
  return {
    passed: problems.length === 0,
    got:
      problems.length > 0
        ? problems.join('; ')
        : `${ranks.length} of ${ranks.length} equal, nothing written late, no process left`,
  };
}

export const stop = {
  name: 'stop',
  title: `SIGSTOP past the deadline (${deadlineSeconds} s), then SIGCONT`,
  cases: ({ quick, folder }) => [
    {
      name: 'deadline',
      title: 'a rank stopped for good, continued when its successor trains',
      wants: 'same digests, one replacement, only valid checkpoints, no process left',
      run: (once) => deadlineCase(once, folder(), quick),
    },
    {
      name: 'around-deadline',
      title: 'a rank continued just before, at and just after the deadline',
      wants: 'same digests, only valid checkpoints, no process left',
      run: (once) => closeCase(once, folder(), quick),
    },
    {
      name: 'supervisor',
      title: 'the command itself stopped past the deadline, then continued',
      wants: 'same digests without a replacement',
      run: (once) => supervisorCase(once, folder()),
    },
    {
      name: 'survivor',
      title: 'a rank stopped, its supervisor killed, the run resumed to its end, then SIGCONT',
      wants: 'same digests, no late write, no process left',
      run: (once) => survivorCase(once, folder(), quick),
    },
  ],
};
