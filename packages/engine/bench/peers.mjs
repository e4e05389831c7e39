// The peer of a benchmark: PyTorch on the same cores, measured in between our own runs.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../../../tools/peers/pytorch_baseline.py', import.meta.url));

/** A Python that has PyTorch: LOCKSTEP_PEER_PYTHON, or an environment of our own in the cache folder (a large download). */
export function peerPython() {
  if (process.env.LOCKSTEP_PEER_PYTHON) return process.env.LOCKSTEP_PEER_PYTHON;
  const home = join(process.env.LOCKSTEP_CACHE_DIR ?? join(homedir(), '.cache', 'lockstep'), 'peers', 'pytorch-2.15.0');
  const python = join(home, 'bin', 'python');
  if (existsSync(join(home, 'complete'))) return python;
  console.error(
    'bench: installing PyTorch 2.15.0 for comparison (over 2 GB, once; set LOCKSTEP_PEER_PYTHON to use your own)',
  );
  for (const [command, args] of [
    ['python3', ['-m', 'venv', home]],
    [python, ['-m', 'pip', 'install', '-q', 'torch==2.15.0', 'numpy']],
    ['touch', [join(home, 'complete')]],
  ]) {
    const { status } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    if (status !== 0)
      throw new Error(
        `bench: ${command} ${args.join(' ')} failed; set LOCKSTEP_PEER_PYTHON to a Python that has torch`,
      );
  }
  return python;
}

/** The best median of eager and compiled mode, one and two threads. */
export function measurePeer(python, name, seconds) {
  const { status, stdout } = spawnSync(
    python,
    [
      script,
      '--case',
      name,
      '--threads',
      '1,2',
      '--modes',
      'eager,compile',
      '--seconds',
      String(seconds),
      '--rounds',
      '3',
    ],
    {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  if (status !== 0) throw new Error('bench: the PyTorch baseline failed');
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  rows.sort((a, b) => b.samplesPerSecond.median - a.samplesPerSecond.median);
  return { samplesPerSecond: rows[0].samplesPerSecond.median, mode: `${rows[0].mode}, ${rows[0].threads} threads` };
}
