import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The one file of the command line that reads the environment. */

const set = (name: string): string | null => {
  const value = process.env[name];
  return value === undefined || value === '' ? null : value;
};

/** `LOCKSTEP_DEBUG=1`: errors are shown with their stack. */
export function isDebugging(): boolean {
  return set('LOCKSTEP_DEBUG') !== null && set('LOCKSTEP_DEBUG') !== '0';
}

/** `LOCKSTEP_DATA_DIR`: a folder with copies of the sample datasets; null if it is not set. */
export function dataDir(): string | null {
  const folder = set('LOCKSTEP_DATA_DIR');
  return folder === null ? null : resolve(folder);
}

/** `LOCKSTEP_CACHE_DIR`, or `lockstep` in the user's cache folder: prepared datasets and downloads. */
export function cacheDir(): string {
  return resolve(set('LOCKSTEP_CACHE_DIR') ?? join(set('XDG_CACHE_HOME') ?? join(homedir(), '.cache'), 'lockstep'));
}

/** `LOCKSTEP_URL` and `LOCKSTEP_TOKEN`: the service and a token for it, instead of those of `lockstep login`. */
export function givenService(): { url: string | null; token: string | null } {
  return { url: set('LOCKSTEP_URL'), token: set('LOCKSTEP_TOKEN') };
}

/** Where `lockstep login` keeps the token: `lockstep` in the user's folder of settings. */
export function credentialsFile(): string {
  return resolve(join(set('XDG_CONFIG_HOME') ?? join(homedir(), '.config'), 'lockstep', 'credentials.json'));
}

/**
 * Test only: `LOCKSTEP_TEST_RANK_MAIN` names another program for rank processes, and `LOCKSTEP_DOUBLE` is handed to it.
 */
export function testRank(): { rankMain: string; environment: Record<string, string> } | null {
  const rankMain = set('LOCKSTEP_TEST_RANK_MAIN');
  return rankMain === null ? null : { rankMain, environment: { LOCKSTEP_DOUBLE: set('LOCKSTEP_DOUBLE') ?? '{}' } };
}
