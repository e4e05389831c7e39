// npm run chaos: what is broken while a run trains must not change what it comes to. The failure matrix on the real
// platform, at seeded moments. Options after `--`: --moments N (of each case, default 10), --case <name> (may be repeated),
// --seed <word>, --fresh (forget earlier results), --json (the last line of stdout is one object).
// Results are kept in .lockstep/chaos: an interrupted matrix goes on where it was; what failed is done again.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildDigest } from './acceptance/build-digest.mjs';
import { Store } from './acceptance/store.mjs';
import { caseNames, runMoment, specOf, startField, undisturbedRun } from './chaos/moment.mjs';
import { summarise, table } from './chaos/report.mjs';
import { localDir, root } from './lib/paths.mjs';
import { createPhases, Fixable, runMain } from './lib/phases.mjs';
import { servicePhases, setUpService } from './lib/setup.mjs';

const home = join(localDir, 'chaos');
/** About half a minute on two idle cores: a loss that is found late still leaves steps to do. */
const epochs = 30;
const spec = specOf(epochs);

function readOptions() {
  const usage = `Use: npm run chaos -- [--moments N] [--case ${caseNames.join('|')}] [--seed word] [--fresh] [--json]`;
  try {
    const { values } = parseArgs({
      options: {
        moments: { type: 'string', default: '10' },
        case: { type: 'string', multiple: true, default: [] },
        seed: { type: 'string', default: 'lockstep' },
        fresh: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    const moments = Number(values.moments);
    if (!Number.isInteger(moments) || moments < 1)
      throw new Error(`--moments: expected 1 or more, got ${values.moments}`);
    const unknown = values.case.find((name) => !caseNames.includes(name));
    if (unknown !== undefined) throw new Error(`--case: there is no ${unknown}`);
    return { ...values, moments, cases: values.case.length > 0 ? values.case : caseNames };
  } catch (error) {
    throw new Fixable(error.message, usage);
  }
}

/** Moments in turn, so that an interrupted matrix has seen something of every case. */
function momentsOf({ moments, cases, seed }) {
  return Array.from({ length: moments }, (_, moment) =>
    cases.map((name) => ({ name, moment, key: `${seed}/${name}/${moment}` })),
  ).flat();
}

/** The workflows, activities and agents that the results belong to. */
function workerDigest() {
  const folder = join(root, 'apps', 'worker', 'dist');
  const hash = createHash('sha256');
  for (const name of readdirSync(folder, { recursive: true }).sort())
    if (name.endsWith('.js')) hash.update(`${name}\0`).update(readFileSync(join(folder, name)));
  return hash.digest('hex');
}

await runMain(async () => {
  const options = readOptions();
  const write = (text) => (options.json ? process.stderr : process.stdout).write(text);
  const phases = createPhases('chaos', servicePhases + 1, { write });
  await setUpService(phases);
  mkdirSync(home, { recursive: true, mode: 0o711 });
  const store = new Store(join(home, 'results.json'), `${buildDigest()} ${workerDigest()}`);
  if (options.fresh) for (const key of Object.keys(store.results)) store.forget(key);

  let field = null;
  const signals = ['SIGINT', 'SIGTERM'];
  const interrupted = new Promise((_, reject) => {
    for (const signal of signals)
      process.once(signal, () => reject(new Fixable(`Ended by ${signal}.`, 'Start again.')));
  });
  interrupted.catch(() => {});
  const all = momentsOf(options);
  try {
    const work = async () => {
      await phases.run('Start the platform', async ({ note }) => {
        field = await startField(join(home, 'platform'), note, (sentence) => write(`${sentence}\n`));
        return field.platform.url;
      });
      const expected = await store.once('undisturbed', () => undisturbedRun(field.platform, spec));
      for (const { name, moment, key } of all) {
        if (store.get(key)?.faults.length === 0) continue;
        const result = await runMoment({ field, spec, expected, seed: options.seed, name, moment });
        store.set(key, result);
        const outcome = result.faults.length === 0 ? 'ok' : `FAILED: ${result.faults.join('; ')}`;
        write(
          `${name} ${moment} (${result.what}, step ${result.atStep}): recovered after ${result.secondsToRecover?.toFixed(1)} s, ` +
            `finished ${result.secondsToFinish?.toFixed(1)} s after the last step, generations ${result.generations}: ${outcome}\n`,
        );
      }
    };
    await Promise.race([work(), interrupted]);
  } finally {
    await field?.close();
  }
  const results = all.map(({ key }) => store.get(key));
  const rows = summarise(results);
  write(`\n${table(rows)}\n`);
  const failed = results.filter(({ faults }) => faults.length > 0).length;
  if (options.json) console.log(JSON.stringify({ seed: options.seed, cases: rows, failed }));
  return failed === 0 ? 0 : 1;
});
// Whoever interrupted it does not wait for what still looks at a run that is gone.
process.exit();
