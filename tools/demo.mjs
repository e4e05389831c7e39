// npm run demo: sets this clone up, runs the whole service on this machine, and trains two runs on it through its public
// interface. It stays until Ctrl-C, which stops everything; the next start finds the runs again, in .lockstep/demo.
// Options after `--`: --once trains LeNet-5 for 3 epochs on a service of its own, stops and removes it;
// --json: the last line of stdout is one object, the rest goes to stderr.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { localDir, root } from './lib/paths.mjs';
import { bold, createPhases, dim, Fixable, isTerminal, runMain } from './lib/phases.mjs';
import { servicePhases, setUpService } from './lib/setup.mjs';
import { finalStates, followRun, launchRun } from './services/follow-run.mjs';
import { removePlatform, startPlatform } from './services/platform.mjs';
import { createRunLine, describeProgress } from './services/run-line.mjs';
import { tellAddress } from './services/tell-address.mjs';
import { throwawayFolder } from './services/throwaway-folder.mjs';
import { untilStopped } from './services/until-stopped.mjs';

const known = ['--once', '--json'];
const workers = 2;
const tag = 'demo';
/** About two minutes of the small convolutional network on two cores. */
const epochs = 36;
const variants = [
  { name: 'convnet-0.05', learningRate: 0.05 },
  { name: 'convnet-0.01', learningRate: 0.01 },
];

const example = (name) => readFileSync(join(root, 'examples', `${name}.yaml`), 'utf8');
const percent = (share) => (share === null ? 'not measured' : `${(share * 100).toFixed(2)}%`);

function convnet({ learningRate }) {
  return example('convnet')
    .replace(/^( *epochs:) .*$/m, `$1 ${epochs}`)
    .replace(/^( *learningRate:) .*$/m, `$1 ${learningRate}`);
}

/** Trains LeNet-5 once. @returns the run's outcome */
async function trainOnce(phases, platform, write, signal) {
  let result = null;
  await phases.run('Train LeNet-5 over two nodes, 3 epochs', async ({ note }) => {
    const run = await launchRun(platform, { name: 'lenet5', spec: example('lenet5'), workers });
    const line = createRunLine('lenet5', write);
    // On a terminal the phase has a line of its own.
    const show = isTerminal ? (progress) => note(describeProgress(progress)) : line.show;
    result = await followRun(platform, run, show, signal);
    if (result.state !== 'completed') return `${result.state} (${result.reason})`;
    return `${percent(result.testAccuracy)} in the test, first metric after ${result.secondsToFirstMetric?.toFixed(1)} s`;
  });
  return result;
}

/** The second is launched when the first has its place, and waits for that, as its page says. */
async function launchVariants(platform, signal) {
  const launched = [];
  for (const variant of variants) {
    if (launched.length > 0) await untilPlaced(platform, launched.at(-1), signal);
    const tags = [tag, `learning-rate-${variant.learningRate}`];
    launched.push(await launchRun(platform, { name: variant.name, spec: convnet(variant), workers, tags }));
  }
  return launched;
}

async function untilPlaced({ api }, { run }, signal) {
  while ((await api.get(`/runs/${run.id}`)).state === 'queued') await delay(100, undefined, { signal });
}

/** Runs of an earlier demo that was ended meanwhile. They go on from their last checkpoints by themselves. */
async function unfinishedRuns({ api, account }) {
  const { items } = await api.get(`/runs?project=${account.project}&limit=50`);
  const found = items.filter(({ tags, state }) => tags.includes(tag) && !finalStates.includes(state));
  return found.reverse().map((run) => ({ run, launchedAt: performance.now() }));
}

async function trainVariants(platform, write, signal) {
  const unfinished = await unfinishedRuns(platform);
  if (unfinished.length > 0) write('Going on with what the last demo began.\n');
  const runs = unfinished.length > 0 ? unfinished : await launchVariants(platform, signal);
  for (const { run } of runs) write(`  ${bold(run.name)}  ${run.url}\n`);
  write('\n');
  for (const run of runs) {
    const line = createRunLine(run.run.name, write);
    const result = await followRun(platform, run, line.show, signal);
    line.end(
      result.state === 'completed'
        ? `test accuracy ${percent(result.testAccuracy)}, weights ${result.weightsDigest.slice(0, 12)}`
        : `${result.state} (${result.reason})`,
    );
  }
}

function suggest(write) {
  write(`
Both runs are in the browser. What to try next:
  npx lockstep --help                                     ${dim('the same from the command line')}
  npx lockstep train examples/lenet5.yaml --workers 1     ${dim('without any service: the same spec gives the same digest')}
`);
}

await runMain(async () => {
  const args = process.argv.slice(2);
  const unknown = args.find((arg) => !known.includes(arg));
  if (unknown !== undefined)
    throw new Fixable(`The demo has no option ${unknown}.`, `Use: npm run demo -- ${known.join(' ')}`);
  const once = args.includes('--once');
  const json = args.includes('--json');
  const write = (text) => (json ? process.stderr : process.stdout).write(text);
  const phases = createPhases('demo', servicePhases + (once ? 2 : 1), { write });
  await setUpService(phases);

  const folder = once ? await throwawayFolder() : join(localDir, 'demo');
  const following = new AbortController();
  const { signal } = following;
  let isStopping = false;
  let why = null;
  const stopped = untilStopped().then((name) => {
    isStopping = true;
    why ??= name;
    write('\nstopping\n');
  });
  let tellBroken;
  const broken = new Promise((resolve) => {
    tellBroken = resolve;
  });
  const onEnd = (sentence) => {
    if (isStopping) return;
    why ??= sentence;
    write(`\n${sentence}\n`);
    tellBroken();
  };
  let platform = null;
  try {
    await phases.run(
      'Start Postgres, Temporal, web, control and two agents',
      async ({ note }) => {
        platform = await startPlatform(folder, { note, onEnd });
        return platform.url;
      },
      { typicalSeconds: 8, fix: `The logs are in ${folder}; npm run doctor lists what is missing.` },
    );
    const ending = Promise.race([stopped, broken]);
    if (once) {
      const result = await Promise.race([trainOnce(phases, platform, write, signal), ending]);
      if (!result) throw new Fixable(`Ended before the run: ${why}`, `The logs are in ${folder}.`);
      await platform.stop();
      await removePlatform(folder);
      console.log(json ? JSON.stringify(result) : JSON.stringify(result, null, 2));
      return result.state === 'completed' ? 0 : 1;
    }
    // Before anything is launched: whoever wants to can watch from the first step.
    tellAddress(platform, folder, write);
    const training = trainVariants(platform, write, signal).then(() => {
      suggest(write);
      write(dim('\nCtrl-C stops everything.\n'));
    });
    await Promise.race([ending, training.then(() => ending)]);
    return why?.startsWith('SIG') ? 0 : 1;
  } catch (error) {
    // Requests that were under way when everything was told to end.
    if (!isStopping) throw error;
    return once ? 1 : 0;
  } finally {
    following.abort();
    await platform?.stop();
  }
});
