// npm run demo: sets this clone up, then trains LeNet-5 on MNIST over two worker processes.
// Options after `--`: --json (the last line of stdout is one object, the rest goes to stderr),
// --once (end after the training, which this demo always does; scripts say so to mean it).
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from './lib/paths.mjs';
import { bold, createPhases, dim, Fixable, runMain } from './lib/phases.mjs';
import { setUp, setupPhases } from './lib/setup.mjs';

const spec = join('examples', 'lenet5.yaml');
const known = ['--json', '--once'];

/** The command line, with live progress on our stderr. @returns its exit code and the last line of its stdout */
function lockstep(args) {
  const child = spawn(process.execPath, [join('packages', 'cli', 'bin', 'lockstep.mjs'), ...args], {
    cwd: root,
    stdio: ['inherit', 'pipe', 'inherit'],
  });
  const chunks = [];
  child.stdout.setEncoding('utf8').on('data', (text) => chunks.push(text));
  // Ctrl-C reaches the child from the terminal; it writes a checkpoint and ends, and this script waits for it.
  const wait = () => {};
  process.on('SIGINT', wait);
  const forward = () => child.kill('SIGTERM');
  process.on('SIGTERM', forward);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      process.off('SIGINT', wait);
      process.off('SIGTERM', forward);
      resolve({ code: code ?? 1, lastLine: chunks.join('').trim().split('\n').at(-1) ?? '' });
    });
  });
}

function tellResult(result) {
  const percent = (share) => (share === null ? 'not measured' : `${(share * 100).toFixed(2)}%`);
  const rows = [
    ['test accuracy', percent(result.testAccuracy)],
    ['speed', `${Math.round(result.samplesPerSecond ?? 0).toLocaleString('en-US')} images/s`],
    ['first step', `after ${(result.secondsToFirstStep ?? 0).toFixed(1)} s`],
    ['weights digest', result.weightsDigest ?? ''],
    ['run folder', result.runDir],
  ];
  console.log('');
  for (const [name, value] of rows) console.log(`  ${name.padEnd(16)}${bold(value)}`);
  const command = 'npx lockstep';
  console.log(`
What to try next:
  ${command} train ${spec} --workers 1
      ${dim('one worker instead of two: the weights digest is the same')}
  ${command} train ${spec} --workers 3   ${dim('and, while it runs, kill -9 one of its rank processes')}
      ${dim('the run goes on from its last checkpoint, and the digest is still the same')}
  ${command} check examples/convnet.yaml
      ${dim('layers, shapes, parameters and memory of a spec, before anything runs')}
  ${command} --help`);
}

await runMain(async () => {
  const args = process.argv.slice(2);
  const unknown = args.find((arg) => !known.includes(arg));
  if (unknown !== undefined)
    throw new Fixable(`The demo has no option ${unknown}.`, `Use: npm run demo -- ${known.join(' ')}`);
  const json = args.includes('--json');
  const write = (text) => (json ? process.stderr : process.stdout).write(text);
  const phases = createPhases('demo', setupPhases + 1, { write });
  await setUp(phases);
  write(`[${setupPhases + 1}/${setupPhases + 1}] Train LeNet-5 on MNIST over two worker processes, 3 epochs\n`);
  const { code, lastLine } = await lockstep(['train', spec, '--workers', '2', '--json']);
  if (code !== 0) {
    if (json && lastLine !== '') console.log(lastLine);
    return code;
  }
  if (json) console.log(lastLine);
  else tellResult(JSON.parse(lastLine));
  return 0;
});
