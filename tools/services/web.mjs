// The web application of this clone: built when its sources changed, and started on 127.0.0.1 and a port found free.
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { withLock } from '../lib/lock.mjs';
import { localDir, root } from '../lib/paths.mjs';
import { runCommand } from '../lib/run-command.mjs';
import { freePort } from './free-port.mjs';
import { endingWithParent } from './process-identity.mjs';

const folder = join(root, 'apps', 'web');
/** Beside what Next wrote: a build that was cut short has none. */
const stampFile = join(folder, '.next', 'lockstep-sources');
const startMs = 60_000;
const stopMs = 8000;

function filesBelow(path) {
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(join(path, entry.name)) : [join(path, entry.name)],
  );
}

/** What the build depends on; the other packages of the product are loaded at run time. */
function sourcesHash() {
  const hash = createHash('sha256');
  const files = [join(root, 'package-lock.json'), join(folder, 'package.json'), join(folder, 'next.config.mjs')];
  for (const file of [...files, join(folder, 'tsconfig.json'), ...filesBelow(join(folder, 'src')).sort()]) {
    if (!/\.test\.tsx?$/.test(file)) hash.update(`${file}\0`).update(readFileSync(file));
  }
  return hash.digest('hex');
}

/**
 * Builds the web application unless that was done already.
 *
 * @param {{ logFile: string, onLine?: (line: string) => void }} options
 * @returns {Promise<'built' | 'up to date'>}
 */
export function buildWeb({ logFile, onLine }) {
  return withLock(join(localDir, 'build-web.lock'), async () => {
    const sources = sourcesHash();
    if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === sources) return 'up to date';
    const next = join(root, 'node_modules', 'next', 'dist', 'bin', 'next');
    await runCommand(process.execPath, [next, 'build', '--webpack', folder], {
      logFile,
      env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
      onLine,
    });
    writeFileSync(stampFile, sources);
    return 'built';
  });
}

/** A secret of this data folder, made once. */
function secretFile(path) {
  if (!existsSync(path)) writeFileSync(path, randomBytes(32).toString('base64url'), { mode: 0o600 });
  return path;
}

/**
 * Starts the web application and waits until it answers. It also starts where Postgres or Temporal are missing: its
 * `/api/health` says what it misses.
 *
 * @param {string} dataDir blobs, secret and log go here
 * @param {{ databaseUrl: string, temporalAddress?: string, port?: number, env?: Record<string, string> }} options
 * @returns {Promise<{ url: string, port: number, pid: number, logFile: string, stop: () => Promise<void>, ended: Promise<void> }>}
 */
export async function startWeb(dataDir, { databaseUrl, temporalAddress, port, env = {} }) {
  mkdirSync(dataDir, { recursive: true });
  const chosen = port ?? (await freePort());
  const logFile = join(dataDir, 'web.log');
  const log = openSync(logFile, 'a', 0o600);
  const [command, args] = endingWithParent(process.execPath, [join(folder, 'bin', 'server.mjs')]);
  const child = spawn(command, args, {
    cwd: folder,
    // Ctrl-C reaches who started it, who stops things in their order.
    detached: true,
    stdio: ['ignore', log, log],
    env: {
      ...process.env,
      LOCKSTEP_DATABASE_URL: databaseUrl,
      ...(temporalAddress === undefined ? {} : { LOCKSTEP_TEMPORAL_ADDRESS: temporalAddress }),
      LOCKSTEP_AUTH_SECRET_FILE: secretFile(join(dataDir, 'auth-secret')),
      LOCKSTEP_BLOB_DIR: join(dataDir, 'blobs'),
      LOCKSTEP_WEB_PORT: String(chosen),
      ...env,
    },
  });
  closeSync(log);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const url = `http://127.0.0.1:${chosen}`;
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), stopMs);
    await ended;
    clearTimeout(timer);
  };
  for (const until = Date.now() + startMs; ; await delay(100)) {
    if (child.exitCode !== null) {
      const lines = readFileSync(logFile, 'utf8').trim().split('\n').slice(-10);
      throw Object.assign(new Error(`The web application ended with ${child.exitCode}: ${lines.at(-1)}`), {
        lines,
        logFile,
      });
    }
    if (await answers(url)) return { url, port: chosen, pid: child.pid, logFile, stop, ended };
    if (Date.now() > until) {
      await stop();
      throw new Error(`The web application did not answer within ${startMs / 1000} s; its log is ${logFile}.`);
    }
  }
}

async function answers(url) {
  try {
    await fetch(`${url}/api/health`, { signal: AbortSignal.timeout(6000) });
    return true;
  } catch {
    return false;
  }
}
