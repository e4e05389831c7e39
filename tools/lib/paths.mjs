// Where things are, and what the environment may change. All scripts take these from here.
import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of this clone. */
export const root = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');

/** Downloads and builds that all clones of this user share; everything in it can be deleted at any time. */
export const cacheDir = process.env.LOCKSTEP_CACHE_DIR ?? join(homedir(), '.cache', 'lockstep');

/** Logs and notes of this clone; ignored by git. */
export const localDir = join(root, '.lockstep');

/** A program that npm installed: `bin('tsc')`. */
export const bin = (name) => join(root, 'node_modules', '.bin', name);

export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
