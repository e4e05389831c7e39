import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { LockstepError } from '@lockstep/contracts';
import { folderError } from './run-folder.js';

/**
 * Keeps two supervisors from working in one run folder. The lock names a process by its id and start time, so that the
 * lock of a process that was killed is taken over, also when its id was given to another process meanwhile.
 *
 * @throws LockstepError `bad-input.run-busy` while the other process lives
 */
export async function takeRunLock(path: string): Promise<{ release: () => Promise<void> }> {
  const own = `${process.pid} ${(await startTime(process.pid)) ?? '0'}\n`;
  const candidate = `${path}.${process.pid}`;
  try {
    await writeFile(candidate, own);
    for (;;) {
      try {
        // A hard link is made or refused at once, with its content already there.
        await link(candidate, path);
        break;
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw folderError(path, cause);
      }
      const holder = await readFile(path, 'utf8').catch(() => '');
      const [pid = '', started = ''] = holder.trim().split(' ');
      if (pid !== '' && (await startTime(Number(pid))) === started) {
        throw new LockstepError(
          'bad-input.run-busy',
          `Process ${pid} is working on this run already. Wait for it or stop it, then resume.`,
        );
      }
      await rm(path, { force: true });
    }
  } finally {
    await rm(candidate, { force: true });
  }
  return { release: () => rm(path, { force: true }) };
}

/** Start time of a living process in clock ticks since boot, from /proc; null where there is no such process. */
async function startTime(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  // The name in parentheses may hold spaces; field 22 of the line is the 20th after it.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}
