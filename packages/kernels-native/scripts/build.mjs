// Builds the addon into build/: fetches the pinned oneDNN wheels, runs CMake, and keeps finished builds in the cache folder,
// keyed by everything that goes into them, so that a second clone or run takes a second.
// Usage: node scripts/build.mjs [--sanitize]      Environment: LOCKSTEP_CACHE_DIR, PYTHON
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, homedir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { oneDnnWheels, verifyWheel } from './onednn.mjs';

const packageDir = dirname(dirname(fileURLToPath(import.meta.url)));
const sanitize = process.argv.includes('--sanitize');
const cacheDir = process.env.LOCKSTEP_CACHE_DIR ?? join(homedir(), '.cache', 'lockstep');
const buildDir = join(packageDir, sanitize ? 'build-sanitize' : 'build');
const python = process.env.PYTHON ?? 'python3';

function stop(message) {
  console.error(`native build: ${message}`);
  process.exit(1);
}

function run(command, args, options = {}) {
  const result = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (result.error)
    stop(
      `cannot run ${command}: ${result.error.message}. Install it (Debian: apt-get install g++ make cmake python3-pip) and try again.`,
    );
  if (result.status !== 0) {
    const lines = `${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-40).join('\n');
    stop(`${command} ${args.slice(0, 3).join(' ')} … failed:\n${lines}`);
  }
  return result.stdout;
}

function filesBelow(dir) {
  return readdirSync(dir, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(join(dir, entry.name)) : [join(dir, entry.name)]))
    .sort();
}

/** SHA-256 over the names (relative to the package) and bytes of all native sources: the same in every folder. */
function sourceDigest() {
  const hash = createHash('sha256');
  for (const file of [...filesBelow(join(packageDir, 'cpp')), join(packageDir, 'CMakeLists.txt')])
    hash
      .update(`${relative(packageDir, file)}\n`)
      .update(createHash('sha256').update(readFileSync(file)).digest('hex'));
  return hash.digest('hex');
}

/** Where Gloo's headers and library are: the system's, or a package unpacked into the cache folder by the set-up. */
function findGloo() {
  for (const root of [join(cacheDir, 'gloo', 'usr'), '/usr', '/usr/local']) {
    if (!existsSync(join(root, 'include', 'gloo', 'context.h'))) continue;
    for (const lib of ['lib', 'lib/x86_64-linux-gnu', 'lib64'])
      for (const name of ['libgloo.so', 'libgloo.so.0', 'libgloo.a'])
        if (existsSync(join(root, lib, name)))
          return { include: join(root, 'include'), library: join(root, lib, name) };
  }
  return stop('Gloo is missing. Install it (Debian, Ubuntu: apt-get install libgloo-dev) and try again.');
}

/** The unpacked wheels: { include, library }. Downloaded once, checked by SHA-256 at every use of a download. */
function fetchOneDnn() {
  const home = join(cacheDir, 'onednn', oneDnnWheels[0].sha256.slice(0, 16));
  const include = join(home, 'include');
  const library = join(home, 'lib', 'libdnnl.so.3');
  if (existsSync(join(home, 'complete'))) return { include, library };
  mkdirSync(dirname(home), { recursive: true });
  const work = mkdtempSync(join(dirname(home), 'fetch-'));
  try {
    console.log('native build: fetching oneDNN 3.2 (two wheels, 20 MB)');
    run(python, [
      '-m',
      'pip',
      'download',
      '-q',
      '--no-deps',
      '--disable-pip-version-check',
      '-d',
      join(work, 'wheels'),
      ...oneDnnWheels.map((w) => `${w.name}==${w.version}`),
    ]);
    for (const wheel of oneDnnWheels) {
      const file = readdirSync(join(work, 'wheels')).find((name) =>
        name.startsWith(`${wheel.name.replaceAll('-', '_')}-`),
      );
      if (!file) stop(`pip brought no wheel of ${wheel.name}==${wheel.version}`);
      const problem = verifyWheel(wheel, readFileSync(join(work, 'wheels', file)));
      if (problem) stop(problem);
      run(python, ['-m', 'zipfile', '-e', join(work, 'wheels', file), join(work, 'unpacked')]);
    }
    const all = filesBelow(join(work, 'unpacked'));
    const header = all.find((f) => f.endsWith('oneapi/dnnl/dnnl.hpp'));
    const shared = all.find((f) => f.endsWith('libdnnl.so.3'));
    const licence = all.find((f) => f.endsWith('doc/onednn/LICENSE'));
    if (!header || !shared) stop('the oneDNN wheels do not hold what was expected');
    const ready = join(work, 'ready');
    mkdirSync(join(ready, 'lib'), { recursive: true });
    cpSync(dirname(dirname(dirname(header))), join(ready, 'include'), { recursive: true });
    cpSync(shared, join(ready, 'lib', 'libdnnl.so.3'));
    if (licence) cpSync(licence, join(ready, 'LICENSE'));
    writeFileSync(join(ready, 'complete'), '');
    try {
      renameSync(ready, home);
    } catch (error) {
      if (!existsSync(join(home, 'complete'))) throw error; // else another process was faster
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return { include, library };
}

const digest = sourceDigest();
const gloo = findGloo();
const compiler = run(process.env.CXX ?? 'c++', ['--version']).split('\n')[0];
const key = createHash('sha256')
  .update(JSON.stringify([digest, compiler, gloo.library, oneDnnWheels, sanitize, process.arch]))
  .digest('hex')
  .slice(0, 24);
const stamp = join(buildDir, 'stamp');
if (existsSync(stamp) && readFileSync(stamp, 'utf8') === key) process.exit(0);

const oneDnn = fetchOneDnn();
const finished = join(cacheDir, 'native', key);
if (!existsSync(join(finished, 'lockstep_kernels.node'))) {
  const require = createRequire(import.meta.url);
  const started = Date.now();
  const work = join(packageDir, sanitize ? 'build-sanitize' : 'build', 'cmake');
  mkdirSync(work, { recursive: true });
  const headers = require('node-api-headers').include_dir;
  const addonApi = dirname(require.resolve('node-addon-api/package.json'));
  run('cmake', [
    '-S',
    packageDir,
    '-B',
    work,
    '-DCMAKE_BUILD_TYPE=Release',
    `-DONEDNN_INCLUDE=${oneDnn.include}`,
    `-DONEDNN_LIBRARY=${oneDnn.library}`,
    `-DGLOO_INCLUDE=${gloo.include}`,
    `-DGLOO_LIBRARY=${gloo.library}`,
    `-DNODE_API_INCLUDE=${headers}`,
    `-DNODE_ADDON_API_INCLUDE=${addonApi}`,
    `-DLOCKSTEP_SOURCE_DIGEST=${digest}`,
    `-DLOCKSTEP_SANITIZE=${sanitize ? 'ON' : 'OFF'}`,
  ]);
  run('cmake', ['--build', work, '--parallel', String(availableParallelism())]);
  mkdirSync(dirname(finished), { recursive: true });
  const staged = mkdtempSync(join(dirname(finished), 'stage-'));
  cpSync(join(work, 'lockstep_kernels.node'), join(staged, 'lockstep_kernels.node'));
  cpSync(oneDnn.library, join(staged, 'libdnnl.so.3'));
  if (gloo.library.startsWith(cacheDir)) cpSync(gloo.library, join(staged, 'libgloo.so.0'), { dereference: true });
  try {
    renameSync(staged, finished);
  } catch {
    rmSync(staged, { recursive: true, force: true }); // another process was faster
  }
  console.log(`native build: compiled in ${((Date.now() - started) / 1000).toFixed(0)} s`);
}
mkdirSync(buildDir, { recursive: true });
for (const file of readdirSync(finished)) {
  // Replaced by rename: a running process keeps the file that it has loaded.
  cpSync(join(finished, file), join(buildDir, `${file}.new`));
  renameSync(join(buildDir, `${file}.new`), join(buildDir, file));
}
writeFileSync(stamp, key);
