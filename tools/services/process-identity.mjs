// Processes by id and start time, which together name a process for good: ids are given again.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Start time of a process in clock ticks since boot. Null where it is gone. */
export function startTime(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

/** @typedef {{ pid: number, startTime: string | null }} Identity */

/** @returns {Identity} */
export function identify(pid) {
  return { pid, startTime: startTime(pid) };
}

/** @param {Identity} identity */
export function isThere({ pid, startTime: known }) {
  return known !== null && startTime(pid) === known;
}

/** Ends a process that may be another's child, and waits until it is gone. @param {Identity} identity */
export async function endProcess(identity, patienceMs) {
  const killAt = performance.now() + patienceMs;
  const signal = (name) => {
    try {
      if (isThere(identity)) process.kill(identity.pid, name);
    } catch {
      // It has gone in between.
    }
  };
  signal('SIGTERM');
  while (isThere(identity)) {
    if (performance.now() > killAt) signal('SIGKILL');
    await delay(20);
  }
}

let hasSetpriv = null;

/** The command in a form in which the kernel ends it when this process goes, however that happens. */
export function endingWithParent(command, args) {
  hasSetpriv ??= spawnSync('setpriv', ['--pdeathsig', 'TERM', 'true'], { stdio: 'ignore' }).status === 0;
  return hasSetpriv ? ['setpriv', ['--pdeathsig', 'TERM', '--', command, ...args]] : [command, args];
}
