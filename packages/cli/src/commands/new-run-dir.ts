import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { LockstepError } from '@lockstep/contracts';

/** Makes a folder for a new run that no other command has: `runs/<name>-<date>-<time>`, with a number where it is taken. */
export async function newRunDir(name: string, now = new Date()): Promise<string> {
  const stamp = now.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
  const parent = resolve('runs');
  try {
    await mkdir(parent, { recursive: true });
    for (let attempt = 1; ; attempt++) {
      const path = join(parent, attempt === 1 ? `${name}-${stamp}` : `${name}-${stamp}-${attempt}`);
      try {
        await mkdir(path);
        return path;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new LockstepError(
      'bad-input.run-dir',
      `${parent} cannot be written (${code}). Choose another folder with --run-dir.`,
      {
        cause,
      },
    );
  }
}
