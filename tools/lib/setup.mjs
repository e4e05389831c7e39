// Set-up of this clone: what the machine lacks, npm packages, native kernels, TypeScript; for the service also workflows,
// pages and a Temporal server. Each part does nothing when it is done already. Clones share only the cache folder, where
// finished things appear by rename.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { findTemporal } from '../services/temporal-program.mjs';
import { buildWeb } from '../services/web.mjs';
import { withLock } from './lock.mjs';
import { cacheDir, localDir, root } from './paths.mjs';
import { Fixable } from './phases.mjs';
import { findGloo, requirements } from './requirements.mjs';
import { runCommand } from './run-command.mjs';

/** @typedef {{ run: (title: string, work: Function, options?: object) => Promise<void> }} Phases from createPhases */

/** Phases of `setUp`, for numbering. */
export const setupPhases = 4;

/** Phases of `setUpService`. */
export const servicePhases = setupPhases + 2;

/** What the command line needs. @param {Phases} phases */
export async function setUp(phases) {
  await checkMachine(phases);
  await installDependencies(phases);
  await buildKernels(phases);
  await buildTypes(phases);
}

/** What the service needs. @param {Phases} phases */
export async function setUpService(phases) {
  await checkMachine(phases);
  const temporal = beginTemporal();
  await installDependencies(phases);
  await buildKernels(phases);
  await buildTypes(phases);
  await buildService(phases);
  await provideTemporal(phases, temporal);
}

/** One phase. @param {Phases} phases @param {{ forTests?: boolean }} [options] also what only tests need */
export async function checkMachine(phases, { forTests = false } = {}) {
  await phases.run('Check this machine', (phase) => provideRequirements(phase, forTests), {
    typicalSeconds: 2,
    fix: 'npm run doctor lists what is missing.',
  });
}

/** One phase. @param {Phases} phases */
export async function installDependencies(phases) {
  await phases.run('Install npm packages', locked(installPackages), {
    typicalSeconds: 20,
    fix: 'Check that this machine reaches its npm registry (npm ping), then run the same command again.',
  });
}

/** One phase. @param {Phases} phases */
export async function buildKernels(phases) {
  await phases.run('Build native kernels', locked(buildNative), {
    typicalSeconds: 90,
    fix: 'The last lines say what the build lacks; npm run doctor lists what this machine needs.',
  });
}

/** One phase: the database client is generated, types are checked, JavaScript is written. @param {Phases} phases */
export async function buildTypes(phases) {
  await phases.run('Build TypeScript', locked(buildTypeScript), { typicalSeconds: 15 });
}

/** One phase: workflows as one file, and the pages. @param {Phases} phases */
export async function buildService(phases) {
  await phases.run('Build workflows and pages', locked(buildWorkflowsAndPages), { typicalSeconds: 60 });
}

/**
 * Begins to provide a Temporal server, which takes minutes where it has to be built, while other things are set up.
 *
 * @returns {{ logFile: string, progress: { note: string }, found: Promise<{ kind: string }> } | null} null where the
 *   environment names a server
 */
export function beginTemporal() {
  if (process.env.LOCKSTEP_TEMPORAL_ADDRESS) return null;
  const logFile = join(localDir, 'logs', `temporal-${process.pid}.log`);
  const progress = { note: '' };
  const note = (text) => {
    progress.note = text;
  };
  const found = findTemporal({ logFile, note });
  // Its phase tells a failure; until that begins nobody waits for it.
  found.catch(() => undefined);
  return { logFile, progress, found };
}

/** One phase. @param {Phases} phases */
export async function provideTemporal(phases, begun) {
  await phases.run(
    'Provide a Temporal server',
    async ({ note }) => {
      if (begun === null) return process.env.LOCKSTEP_TEMPORAL_ADDRESS;
      const timer = setInterval(() => note(begun.progress.note), 250);
      try {
        const { program } = await begun.found;
        return program;
      } finally {
        clearInterval(timer);
      }
    },
    { fix: 'Install the Temporal CLI (https://docs.temporal.io/cli), or run the same command again with a network.' },
  );
}

function locked(work) {
  const file = join(localDir, 'setup.lock');
  return (phase) =>
    withLock(
      file,
      () => work(phase),
      () => phase.note('waiting for another set-up of this clone'),
    );
}

async function provideRequirements({ logFile, note }, forTests) {
  const needed = requirements.filter((each) => each.required || (forTests && each.forTests === true));
  const missing = needed.filter(({ find }) => find() === null);
  if (missing.length === 0) return;
  const isRoot = process.getuid?.() === 0;
  const hasApt = spawnSync('apt-get', ['--version']).status === 0;
  const packages = missing.flatMap((requirement) => requirement.package ?? []);
  if (packages.length > 0 && isRoot && hasApt) {
    note(`apt-get install ${packages.join(' ')}`);
    await aptInstall(packages, logFile);
  } else if (hasApt && missing.some((requirement) => requirement.package === 'libgloo-dev')) {
    note('unpacking libgloo-dev into the cache folder');
    await unpackGloo(logFile);
  }
  const stillMissing = needed.find(({ find }) => find() === null);
  if (stillMissing) throw new Fixable(`${stillMissing.name} is missing.`, stillMissing.fix);
  return packages.length > 0 ? `installed ${packages.join(', ')}` : undefined;
}

async function aptInstall(packages, logFile) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // Another set-up may be installing at the same time.
  const options = ['-o', 'DPkg::Lock::Timeout=300', '-y', '--no-install-recommends'];
  const install = () =>
    runCommand('apt-get', ['install', ...options, ...packages], { logFile, env, allowFailure: true });
  if ((await install()).code === 0) return;
  await runCommand('apt-get', ['update'], { logFile, env, allowFailure: true });
  if ((await install()).code !== 0) {
    throw new Fixable(
      `apt-get could not install ${packages.join(', ')} (log: ${logFile}).`,
      `Install them by hand: apt-get install ${packages.join(' ')}`,
    );
  }
}

/** Without root: the package's files, taken out of the package. They appear in the cache folder complete or not at all. */
async function unpackGloo(logFile) {
  mkdirSync(cacheDir, { recursive: true });
  const work = mkdtempSync(join(cacheDir, 'gloo-'));
  try {
    // What an installation would bring is what is missing: Gloo, its headers and the libraries that Gloo needs.
    const simulation = await runCommand(
      'apt-get',
      ['install', '--simulate', '--no-install-recommends', 'libgloo-dev'],
      {
        logFile,
        allowFailure: true,
      },
    );
    const packages = [...simulation.output.matchAll(/^Inst (\S+)/gm)].map((match) => match[1]);
    const wanted = [...new Set(['libgloo-dev', 'libgloo0', ...packages])];
    const download = await runCommand('apt-get', ['download', ...wanted], { logFile, cwd: work, allowFailure: true });
    if (download.code !== 0) {
      throw new Fixable(
        `libgloo-dev is not installed, and apt-get could not download it (log: ${logFile}).`,
        'Ask an administrator for: apt-get install libgloo-dev',
      );
    }
    for (const file of readdirSync(work).filter((name) => name.endsWith('.deb'))) {
      await runCommand('dpkg', ['-x', join(work, file), join(work, 'root')], { logFile });
    }
    if (findGloo() !== null) return; // Another process was faster.
    // A folder without the headers is left from something else and would stand in the way of the rename.
    rmSync(join(cacheDir, 'gloo'), { recursive: true, force: true });
    renameSync(join(work, 'root'), join(cacheDir, 'gloo'));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function installPackages({ logFile }) {
  const reason = staleReason();
  if (reason === null) return 'up to date';
  await runCommand('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], { logFile });
  return reason;
}

/** Why node_modules is not what the lock file says, or null: npm keeps a lock file of what it installed. */
function staleReason() {
  const installedFile = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedFile)) return 'first install';
  const read = (file) => JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
  let installed;
  try {
    installed = read(installedFile);
  } catch {
    return 'the last install was cut short';
  }
  const stale = Object.entries(read(join(root, 'package-lock.json'))).find(
    ([path, { version, optional, integrity }]) => {
      if (!path.startsWith('node_modules/')) return false;
      const found = installed[path];
      return found === undefined ? optional !== true : found.version !== version || found.integrity !== integrity;
    },
  );
  return stale === undefined ? null : `${stale[0].replace(/^node_modules\//, '')} changed`;
}

async function buildNative({ logFile, note }) {
  let outcome = 'up to date';
  await runCommand(process.execPath, [join('packages', 'kernels-native', 'scripts', 'build.mjs')], {
    logFile,
    onLine: (line) => {
      const text = line.replace(/^native build: /, '');
      if (text === line) return;
      note(text);
      outcome = text;
    },
  });
  return outcome;
}

/** The types of the database come from its schema. */
async function generateClient({ logFile, note }) {
  const db = join(root, 'packages', 'db');
  const schema = join(db, 'prisma', 'schema');
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')));
  for (const name of readdirSync(schema).sort()) hash.update(`${name}\0`).update(readFileSync(join(schema, name)));
  const sources = hash.digest('hex');
  const stamp = join(db, 'src', 'generated', 'lockstep-sources');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) return;
  note('database client');
  await runCommand(process.execPath, [join(db, 'scripts', 'generate-client.mjs')], { logFile });
  writeFileSync(stamp, sources);
}

/** What runs but is not TypeScript output: workflows as one file, and the pages. */
export async function buildWorkflowsAndPages({ logFile, note }) {
  note('workflows');
  await runCommand(process.execPath, [join('apps', 'worker', 'scripts', 'bundle-workflows.mjs')], { logFile });
  note('pages');
  return buildWeb({ logFile });
}

async function buildTypeScript({ logFile, note }) {
  await generateClient({ logFile, note });
  note('types');
  await runCommand(process.execPath, [join('node_modules', 'typescript', 'bin', 'tsc'), '-b', '--pretty', 'false'], {
    logFile,
  });
}
