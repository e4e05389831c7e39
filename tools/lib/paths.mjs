// Where things are, and what the environment may change. All scripts take these from here.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of this clone. */
export const root = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');

/** Downloads and builds that all clones of this user share; everything in it can be deleted at any time. */
export const cacheDir = process.env.LOCKSTEP_CACHE_DIR ?? join(homedir(), '.cache', 'lockstep');

/** Logs and notes of this clone; ignored by git. */
export const localDir = join(root, '.lockstep');
