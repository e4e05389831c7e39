// Processes of the service that say when they are ready: control workers and agents.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname } from 'node:path';
import { root } from '../lib/paths.mjs';
import { ServiceFailed } from './postgres.mjs';
import { endingWithParent } from './process-identity.mjs';

const startMs = 90_000;
const stopMs = 15_000;
/** What these processes get of our environment; everything else they need is given to them by name. */
const inherited = ['PATH', 'LANG', 'TZ', 'TMPDIR', 'LD_LIBRARY_PATH', 'XDG_CACHE_HOME'];
const ours = ['LOCKSTEP_CACHE_DIR', 'LOCKSTEP_DATA_DIR'];

function baseEnvironment() {
  const entries = [...inherited, ...ours].flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []));
  return { HOME: homedir(), ...Object.fromEntries(entries) };
}

/**
 * Starts a program of the service and waits until it prints that it is ready. It is in a process group of its own, so that
 * Ctrl-C reaches only who started it, who stops things in their order; it does not outlive who started it.
 *
 * @param {{ name: string, program: string, env: Record<string, string>, logFile: string }} service
 * @returns {Promise<{ name: string, pid: number, logFile: string, stop: () => Promise<void>, ended: Promise<string> }>}
 */
export async function startProcess({ name, program, env, logFile }) {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a', 0o600);
  const [command, args] = endingWithParent(process.execPath, [program]);
  const child = spawn(command, args, {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', log],
    env: { ...baseEnvironment(), ...env },
  });
  closeSync(log);
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve(`cannot be started: ${error.message}`));
    child.once('exit', (code, signal) => resolve(signal === null ? `ended with ${code}` : `was ended by ${signal}`));
  });
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), stopMs);
    await ended;
    clearTimeout(timer);
  };
  const fail = (how) =>
    new ServiceFailed(`${name} ${how}`, readFileSync(logFile, 'utf8').trim().split('\n').slice(-10), logFile);
  let timer;
  try {
    await new Promise((resolve, reject) => {
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (text) => {
        output = (output + text).slice(-4096);
        if (output.includes('"ready":true')) resolve();
      });
      ended.then((how) => reject(fail(`${how} while it started`)));
      timer = setTimeout(() => reject(fail(`was not ready after ${startMs / 1000} s`)), startMs);
    });
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return { name, pid: child.pid, logFile, stop, ended };
}
