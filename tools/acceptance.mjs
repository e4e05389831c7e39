// npm run acceptance: what the product promises, seen through its command line with real processes.
// Options after `--`: --only <area or area/case, may be repeated>, --quick (fewer seeds), --again (forget earlier results),
// --json (the last line of stdout is one object). An interrupted run goes on where it was; what failed is done again.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { accuracy } from './acceptance/areas/accuracy.mjs';
import { badInput } from './acceptance/areas/bad-input.mjs';
import { clones } from './acceptance/areas/clones.mjs';
import { digests } from './acceptance/areas/digests.mjs';
import { kill } from './acceptance/areas/kill.mjs';
import { numericClasses } from './acceptance/areas/numeric-classes.mjs';
import { resumes } from './acceptance/areas/resume.mjs';
import { stop } from './acceptance/areas/stop.mjs';
import { buildDigest } from './acceptance/build-digest.mjs';
import { stopEverything } from './acceptance/lockstep.mjs';
import { caseLine, count, markdown } from './acceptance/report.mjs';
import { Store } from './acceptance/store.mjs';
import { localDir, root } from './lib/paths.mjs';
import { createPhases, Fixable, runMain } from './lib/phases.mjs';
import { setUp, setupPhases } from './lib/setup.mjs';

const areas = [accuracy, digests, resumes, kill, stop, numericClasses, clones, badInput];
const home = join(localDir, 'acceptance');

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string', multiple: true, default: [] },
        quick: { type: 'boolean', default: false },
        again: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (error) {
    throw new Fixable(error.message, 'Use: npm run acceptance -- [--only area[/case]] [--quick] [--again] [--json]');
  }
}

/** Every case that the options ask for. A case works in a folder of its own, which is kept only when it fails. */
function selectCases({ only, quick }) {
  const all = areas.flatMap((area) => {
    let current = '';
    const folder = () => {
      const path = join(home, 'work', area.name, current);
      mkdirSync(path, { recursive: true });
      return path;
    };
    return area.cases({ quick, folder }).map((item) => ({
      ...item,
      area: area.name,
      key: `${area.name}/${item.name}`,
      place: join(home, 'work', area.name, item.name),
      run: (once) => {
        current = item.name;
        return item.run(once);
      },
    }));
  });
  const isWanted = ({ area, key }) => only.length === 0 || only.some((name) => name === area || name === key);
  const unknown = only.find((name) => !all.some(({ area, key }) => name === area || name === key));
  if (unknown !== undefined) {
    throw new Fixable(`There is no area or case ${unknown}.`, `Areas: ${areas.map(({ name }) => name).join(', ')}.`);
  }
  return all.filter(isWanted);
}

/** Runs a case, or gives the result of an earlier run that passed. */
async function runCase(item, store) {
  const { area, name, key, title, wants, place } = item;
  const earlier = store.get(key);
  if (earlier?.passed) return earlier;
  if (earlier) store.forget(key);
  // What an interrupted case has finished stays; a part that was cut short begins with an empty folder.
  if (!Object.keys(store.results).some((known) => known.startsWith(`${key}/`)))
    rmSync(place, { recursive: true, force: true });
  const started = performance.now();
  const result = { area, name, title, wants, passed: false };
  try {
    Object.assign(result, await item.run((part, work) => store.once(`${key}/${part}`, work)));
  } catch (error) {
    result.got = error.message;
  }
  result.seconds = (performance.now() - started) / 1000;
  store.set(key, result);
  if (result.passed) rmSync(place, { recursive: true, force: true });
  else result.got = `${result.got}\nkept in ${place}`;
  return result;
}

function facts() {
  const commit = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).stdout.trim();
  return [
    ['commit', commit],
    ['machine', `${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.version}`],
  ];
}

await runMain(async () => {
  const options = readOptions();
  const write = (text) => (options.json ? process.stderr : process.stdout).write(text);
  const selected = selectCases(options);
  await setUp(createPhases('acceptance', setupPhases, { write }));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130));
  process.on('exit', stopEverything);

  const store = new Store(join(home, options.quick ? 'state-quick.json' : 'state.json'), buildDigest());
  const results = [];
  for (const item of selected) {
    if (options.again) store.forget(item.key);
    const result = await runCase(item, store);
    results.push(result);
    write(`${caseLine(result)}\n`);
  }
  const reportFile = join(home, options.quick ? 'report-quick.md' : 'report.md');
  const known = selectCases({ only: [], quick: options.quick }).flatMap(({ key }) => store.get(key) ?? []);
  writeFileSync(reportFile, markdown({ areas, results: known, facts: facts() }));
  write(`\n${count(results)}\nReport: ${reportFile}\n`);
  if (options.json) console.log(JSON.stringify({ results: known }));
  return results.every(({ passed }) => passed) ? 0 : 1;
});
