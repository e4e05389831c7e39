// One process at a time in a folder; a lock whose owner is gone is taken over.
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** How long a process may take between creating its lock file and writing into it. */
const emptyMs = 10_000;

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/**
 * Runs `work` while holding the lock file. Waits for a living owner, takes over from a dead one.
 *
 * @param {string} file
 * @param {() => Promise<T>} work
 * @param {() => void} onWait called once when another process holds the lock
 * @template T
 */
export async function withLock(file, work, onWait = () => {}) {
  mkdirSync(dirname(file), { recursive: true });
  let waited = false;
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    let owner = Number.NaN;
    let ageMs = 0;
    try {
      owner = Number(readFileSync(file, 'utf8'));
      ageMs = Date.now() - statSync(file).mtimeMs;
    } catch {
      continue; // It was released in between.
    }
    // An empty file belongs to a process between creating and writing it, or to one that could not write, for want of
    // disk space.
    const isAbandoned = owner > 0 ? !isAlive(owner) : ageMs > emptyMs;
    if (isAbandoned) {
      rmSync(file, { force: true });
      continue;
    }
    if (!waited) onWait();
    waited = true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}
