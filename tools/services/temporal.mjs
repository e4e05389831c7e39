// A Temporal server of this clone: one SQLite file below a folder, on 127.0.0.1 and a port found free. Or another one,
// whose address is in LOCKSTEP_TEMPORAL_ADDRESS.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './free-port.mjs';
import { ServiceFailed } from './postgres.mjs';
import { endingWithParent, endProcess, isThere, startTime } from './process-identity.mjs';
import { findTemporal } from './temporal-program.mjs';

const namespace = 'default';
const startMs = 60_000;
const stopMs = 15_000;

/** What this folder's server was started as, if it still runs. */
function running(folder) {
  try {
    const note = JSON.parse(readFileSync(join(folder, 'server.json'), 'utf8'));
    return isThere(note) ? note : null;
  } catch {
    return null;
  }
}

function lastPort(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, 'server.json'), 'utf8')).port;
  } catch {
    return 0;
  }
}

function accepts(port, host = '127.0.0.1') {
  return new Promise((resolve) => {
    const socket = connect({ port, host });
    const end = (result) => () => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', end(true));
    socket.once('error', end(false));
    socket.setTimeout(2000, end(false));
  });
}

function lastLines(file) {
  try {
    return readFileSync(file, 'utf8').trim().split('\n').slice(-20);
  } catch {
    return [];
  }
}

async function external(address) {
  const [, host = '127.0.0.1', port = '7233'] = /^(.*?)(?::(\d+))?$/.exec(address) ?? [];
  if (!(await accepts(Number(port), host))) {
    throw new ServiceFailed(
      `LOCKSTEP_TEMPORAL_ADDRESS is ${address}, but nothing answers there. Start it, or unset the variable.`,
    );
  }
  // Services that share a server need a namespace each, or they take each other's runs.
  const given = process.env.LOCKSTEP_TEMPORAL_NAMESPACE || namespace;
  return { address, namespace: given, pid: null, started: false, stop: async () => {} };
}

function commandOf({ kind, program }, database, port, endWithParent) {
  const stdin = endWithParent ? ['--stdin'] : [];
  if (kind === 'own') return [program, ['--port', `${port}`, '--db', database, '--namespace', namespace, ...stdin]];
  const args = ['server', 'start-dev', '--ip', '127.0.0.1', '--port', `${port}`, '--headless', '--log-level', 'warn'];
  const command = [program, [...args, '--db-filename', database, '--namespace', namespace]];
  return endWithParent ? endingWithParent(...command) : command;
}

/**
 * Starts the server of a folder, or finds it running. It keeps its port over restarts while the port is free.
 *
 * @param {string} folder database and log go here
 * @param {{ note?: (text: string) => void, endWithParent?: boolean }} [options] with `endWithParent` the server
 *   also ends when this process does, however it ends
 * @returns {Promise<{ address: string, namespace: string, pid: number | null, started: boolean, stop: () => Promise<void> }>}
 */
export async function startTemporal(folder, { note = () => {}, endWithParent = false } = {}) {
  const given = process.env.LOCKSTEP_TEMPORAL_ADDRESS;
  if (given) return external(given);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const logFile = join(folder, 'temporal.log');
  const known = running(folder);
  const stop = () => stopTemporal(folder);
  if (known) {
    await waitReady(known, logFile);
    return { address: `127.0.0.1:${known.port}`, namespace, pid: known.pid, started: false, stop };
  }
  const found = await findTemporal({ logFile: join(folder, 'build.log'), note });
  const port = await freePort(lastPort(folder));
  const readyFile = join(folder, 'ready.json');
  rmSync(readyFile, { force: true });
  const [command, args] = commandOf(found, join(folder, 'temporal.db'), port, endWithParent);
  const output = openSync(readyFile, 'a', 0o600);
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(command, args, {
    cwd: '/',
    detached: true,
    stdio: [endWithParent ? 'pipe' : 'ignore', output, log],
  });
  closeSync(output);
  closeSync(log);
  await new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(new ServiceFailed(`${command} cannot be started: ${error.message}`)));
  });
  child.unref();
  child.stdin?.unref?.();
  const server = { kind: found.kind, pid: child.pid, startTime: startTime(child.pid), port, readyFile };
  writeFileSync(join(folder, 'server.json.new'), JSON.stringify(server), { mode: 0o600 });
  renameSync(join(folder, 'server.json.new'), join(folder, 'server.json'));
  await waitReady(server, logFile);
  return { address: `127.0.0.1:${port}`, namespace, pid: child.pid, started: true, stop };
}

async function waitReady(server, logFile) {
  const deadline = Date.now() + startMs;
  while (Date.now() < deadline) {
    if (!isThere(server)) {
      throw new ServiceFailed('The Temporal server ended while it started', lastLines(logFile), logFile);
    }
    if (server.kind === 'own' ? saysReady(server.readyFile) : await accepts(server.port)) return;
    await delay(20);
  }
  throw new ServiceFailed(
    `The Temporal server was not ready after ${startMs / 1000} seconds`,
    lastLines(logFile),
    logFile,
  );
}

function saysReady(file) {
  return existsSync(file) && readFileSync(file, 'utf8').includes('"address"');
}

/** Stops the server of a folder and waits until it is gone. Workflows go on where they were when it is started again. */
export async function stopTemporal(folder) {
  const known = running(folder);
  if (!known) return;
  await endProcess(known, stopMs);
}
