// Processes as /proc shows them.
import { readdirSync, readFileSync } from 'node:fs';

function statOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces.
    const [state, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state, parent: Number(parent), group: Number(group) };
  } catch {
    return null; // It ended meanwhile.
  }
}

const isPid = (name) => /^\d+$/.test(name);

function living() {
  return readdirSync('/proc')
    .filter(isPid)
    .map((name) => ({ pid: Number(name), ...statOf(name) }))
    .filter(({ state }) => state !== undefined && state !== 'Z');
}

export function isAlive(pid) {
  const stat = statOf(pid);
  return stat !== null && stat.state !== 'Z';
}

/** Stopped by a signal, and not continued yet. */
export function isStopped(pid) {
  return statOf(pid)?.state === 'T';
}

/** Processes of a process group, those excepted that ended and were not collected yet. */
export function processesOfGroup(group) {
  return living().flatMap((process) => (process.group === group ? [process.pid] : []));
}

/** Rank processes of a command, by rank: it starts them in that order, and process ids count up. */
export function rankProcesses(parent) {
  return living()
    .filter((process) => process.parent === parent && isRank(process.pid))
    .map(({ pid }) => pid)
    .sort((a, b) => a - b);
}

function isRank(pid) {
  try {
    // Before a rank has given itself its title it still shows the program that it was started with.
    return /lockstep rank|rank-main/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  } catch {
    return false;
  }
}

/** Sends a signal; false where there is no such process any more. */
export function send(pid, signal) {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if (error.code === 'ESRCH') return false;
    throw error;
  }
}

/** Resolves when the process has ended; false when it has not within the time. */
export async function untilGone(pid, limitMs) {
  const end = performance.now() + limitMs;
  while (isAlive(pid)) {
    if (performance.now() > end) return false;
    // The kernel tells only the parent of a process that it ended, and this process is not its parent.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}
