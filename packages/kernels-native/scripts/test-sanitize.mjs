// Runs the tests of the native edge, of sessions and of kernels over a build with AddressSanitizer and
// UndefinedBehaviorSanitizer (build-sanitize/, made here if need be). Any finding ends a process, and so fails a test.
// oneDNN's generated code and libraries that come compiled are not instrumented; what they do to our heap is.
// Usage: node scripts/test-sanitize.mjs      Environment: as scripts/build.mjs
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packageDir = dirname(dirname(fileURLToPath(import.meta.url)));
const root = dirname(dirname(packageDir));

/** What covers the native code once, without long runs and without what counts or measures memory itself. */
const tests = [
  'packages/engine/test/edge',
  'packages/engine/test/sessions/bad-data',
  'packages/engine/test/sessions/control',
  'packages/engine/test/sessions/lost-peers',
  'packages/engine/test/sessions/non-finite',
  'packages/engine/test/sessions/order',
  'packages/engine/test/sessions/predict-and-probe',
  'packages/engine/test/sessions/updates',
  'packages/engine/test/own-kernels',
];

function run(command, args, options = {}) {
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (error) throw error;
  return status ?? (signal ? 1 : 0);
}

/** A sanitizer's run-time library. The addon brings it, but it must be there before everything else. */
function runtime(name) {
  const compiler = process.env.CXX ?? 'c++';
  const path = spawnSync(compiler, [`-print-file-name=${name}`], { encoding: 'utf8' }).stdout?.trim() ?? '';
  if (!existsSync(path)) {
    console.error(
      `sanitizers: ${compiler} brings no ${name}. Install the compiler's sanitizer libraries (Debian: apt-get install g++) and try again.`,
    );
    process.exit(1);
  }
  return path;
}

const built = run(process.execPath, [join(packageDir, 'scripts', 'build.mjs'), '--sanitize']);
if (built !== 0) process.exit(built);
const environment = {
  ...process.env,
  LOCKSTEP_KERNELS_DIR: join(packageDir, 'build-sanitize'),
  // Fewer mutations than without sanitizers: each takes several times as long.
  LOCKSTEP_FUZZ_COUNT: process.env.LOCKSTEP_FUZZ_COUNT ?? '1000',
  LD_PRELOAD: [runtime('libasan.so'), runtime('libubsan.so')].join(' '),
  // Node never frees what it holds at its end. Handlers of signals and alternate stacks are Node's and V8's own.
  ASAN_OPTIONS: 'detect_leaks=0:use_sigaltstack=0:abort_on_error=1',
  UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1',
};
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
process.exit(
  run(process.execPath, [vitest, 'run', '--project=native', '--testTimeout=300000', ...tests], { env: environment }),
);
