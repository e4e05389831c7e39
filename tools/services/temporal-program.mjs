// The Temporal server of development: `temporal` where it is installed, else tools/temporal-dev, built once for all clones.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '../lib/lock.mjs';
import { cacheDir, root } from '../lib/paths.mjs';
import { runCommand } from '../lib/run-command.mjs';
import { ServiceFailed } from './postgres.mjs';

const sources = join(root, 'tools', 'temporal-dev');

/** SHA-256 over everything that the program is built from. */
function sourceDigest() {
  const hash = createHash('sha256');
  const names = readdirSync(sources).filter((name) => /\.(go|mod|sum)$/.test(name) && !name.endsWith('_test.go'));
  for (const name of names.sort()) {
    const content = readFileSync(join(sources, name));
    hash.update(`${name} ${content.length}\n`).update(content);
  }
  return hash.digest('hex').slice(0, 16);
}

function isOnPath(program) {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
}

/**
 * @param {{ logFile: string, note?: (text: string) => void }} options
 * @returns {Promise<{ kind: 'cli' | 'own', program: string }>}
 */
export async function findTemporal({ logFile, note = () => {} }) {
  if (isOnPath('temporal')) return { kind: 'cli', program: 'temporal' };
  const folder = join(cacheDir, 'temporal-dev', sourceDigest());
  const program = join(folder, 'temporal-dev');
  if (existsSync(program)) return { kind: 'own', program };
  const lock = join(cacheDir, 'temporal-dev', 'build.lock');
  await withLock(
    lock,
    async () => {
      if (!existsSync(program)) await build(folder, logFile, note);
    },
    () => note('waiting for another build of the Temporal server'),
  );
  return { kind: 'own', program };
}

async function build(folder, logFile, note) {
  if (spawnSync('go', ['version'], { stdio: 'ignore' }).status !== 0) {
    throw new ServiceFailed(
      'Expected a Temporal server: the address of one in LOCKSTEP_TEMPORAL_ADDRESS, the program `temporal` on the PATH ' +
        '(https://docs.temporal.io/cli), or Go 1.26 to build one. None of them is there.',
    );
  }
  note('building the Temporal server (minutes the first time)');
  mkdirSync(join(folder, '..'), { recursive: true });
  const work = mkdtempSync(join(folder, '..', 'build-'));
  try {
    const args = ['build', '-mod=readonly', '-trimpath', '-ldflags', '-s -w', '-o', join(work, 'temporal-dev'), '.'];
    await runCommand('go', args, { cwd: sources, logFile, env: { ...process.env, CGO_ENABLED: '0' } });
    rmSync(folder, { recursive: true, force: true });
    renameSync(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
