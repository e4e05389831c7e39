// The product as its user has it: the command, as a process.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../lib/paths.mjs';
import { processesOfGroup, rankProcesses, send } from './processes.mjs';

const longestRunMs = 15 * 60_000;
const running = new Set();

/** Ends every command that is still running, with its ranks. */
export function stopEverything() {
  for (const command of running) command.destroy();
}

/**
 * A `lockstep` command in a process group of its own, so that what it starts can be found and ended with it.
 *
 * @param {string[]} args
 * @param {{ cwd?: string, clone?: string, environment?: Record<string, string>, prefix?: string[], limitMs?: number }} options
 *   `clone`: another clone of the repository; `prefix`: a program, with arguments, that starts the command
 */
export class Command {
  constructor(args, { cwd = root, clone = root, environment = {}, prefix = [], limitMs = longestRunMs } = {}) {
    const [program, ...rest] = [
      ...prefix,
      process.execPath,
      join(clone, 'packages', 'cli', 'bin', 'lockstep.mjs'),
      ...args,
    ];
    this.startedAt = performance.now();
    this.child = spawn(program, rest, {
      cwd,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    running.add(this);
    const text = { stdout: '', stderr: '' };
    let isTooLong = false;
    const timer = setTimeout(() => {
      isTooLong = true;
      this.destroy();
    }, limitMs);
    for (const name of ['stdout', 'stderr']) {
      this.child[name].setEncoding('utf8').on('data', (part) => {
        text[name] += part;
      });
    }
    /** Resolves when the command has ended and its output is read. */
    this.ended = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (code, signal) => {
        clearTimeout(timer);
        running.delete(this);
        const seconds = (performance.now() - this.startedAt) / 1000;
        if (isTooLong)
          reject(new Error(`lockstep ${args.join(' ')} did not end within ${limitMs / 1000} s\n${text.stderr}`));
        else resolve({ code, signal, ...text, seconds, left: processesOfGroup(this.child.pid) });
      });
    });
    this.ended.catch(() => undefined);
  }

  get pid() {
    return this.child.pid;
  }

  /** Process ids of its ranks, by rank. */
  ranks() {
    return rankProcesses(this.child.pid);
  }

  signal(signal) {
    return send(this.child.pid, signal);
  }

  /** SIGKILL for it and everything that it started. */
  destroy() {
    send(-this.child.pid, 'SIGKILL');
  }
}

/** Runs a command to its end. */
export function lockstep(args, options) {
  return new Command(args, options).ended;
}

/** The object that `train --json` and `digest --json` print last; null where there is none. */
export function lastJson({ stdout }) {
  try {
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  } catch {
    return null;
  }
}

/**
 * The summary of a training that must have completed.
 *
 * @throws Error with the output where it has not, or where it left processes behind
 */
export function completed(end) {
  const summary = lastJson(end);
  if (end.left.length > 0) throw new Error(`processes are left: ${end.left.join(', ')}`);
  if (end.code !== 0 || summary?.state !== 'completed') {
    throw new Error(`expected a completed run, got exit code ${end.code ?? end.signal}:\n${end.stderr}${end.stdout}`);
  }
  return summary;
}

/** What must be the same however a run went. */
export function outcomeOf({ weightsDigest, stateDigest, testAccuracy, testLoss, steps }) {
  return { weightsDigest, stateDigest, testAccuracy, testLoss, steps };
}

export function sameOutcome(a, b) {
  return JSON.stringify(outcomeOf(a)) === JSON.stringify(outcomeOf(b)) && typeof a.weightsDigest === 'string';
}
