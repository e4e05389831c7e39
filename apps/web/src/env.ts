import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The one file of the web application that reads the environment. */
export interface Settings {
  /** postgresql://… */
  readonly databaseUrl: string | null;
  readonly temporalAddress: string | null;
  readonly temporalNamespace: string;
  /** Where browsers and agents reach this server, without a slash at the end. */
  readonly publicUrl: string;
  /** Signs session cookies. */
  readonly authSecret: string | null;
  /** Folder of the local blob storage. */
  readonly blobDir: string | null;
  /** Prepared datasets, and copies of sample datasets, where this machine has them: what agents on it use. */
  readonly cacheDir: string;
  readonly dataDir: string | null;
  /** Who may sign up once there is a first user. */
  readonly signUp: 'invitation' | 'open';
  /** Requests a minute of one token; of one address without a valid credential. */
  readonly requestsPerMinute: number;
  readonly attemptsPerMinute: number;
}

const set = (name: string): string | null => {
  const value = process.env[name];
  return value === undefined || value.trim() === '' ? null : value.trim();
};

/** `<NAME>`, or the content of the file that `<NAME>_FILE` names. */
function secret(name: string): string | null {
  const file = set(`${name}_FILE`);
  if (file === null) return set(name);
  const content = readFileSync(file, 'utf8').trim();
  return content === '' ? null : content;
}

function count(name: string, otherwise: number): number {
  const value = Number(set(name) ?? otherwise);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name}: expected a whole number of at least 1.`);
  return value;
}

export function readSettings(): Settings {
  const signUp = set('LOCKSTEP_SIGN_UP') ?? 'invitation';
  if (signUp !== 'invitation' && signUp !== 'open') {
    throw new Error(`LOCKSTEP_SIGN_UP: expected invitation or open, got "${signUp}".`);
  }
  const blobDir = set('LOCKSTEP_BLOB_DIR');
  const dataDir = set('LOCKSTEP_DATA_DIR');
  const cacheHome = set('XDG_CACHE_HOME') ?? join(homedir(), '.cache');
  const publicUrl = set('LOCKSTEP_WEB_URL') ?? `http://127.0.0.1:${set('LOCKSTEP_WEB_PORT') ?? '3000'}`;
  return {
    databaseUrl: secret('LOCKSTEP_DATABASE_URL'),
    temporalAddress: set('LOCKSTEP_TEMPORAL_ADDRESS'),
    temporalNamespace: set('LOCKSTEP_TEMPORAL_NAMESPACE') ?? 'default',
    publicUrl: new URL(publicUrl).origin,
    authSecret: secret('LOCKSTEP_AUTH_SECRET'),
    blobDir: blobDir === null ? null : resolve(blobDir),
    cacheDir: resolve(set('LOCKSTEP_CACHE_DIR') ?? join(cacheHome, 'lockstep')),
    dataDir: dataDir === null ? null : resolve(dataDir),
    signUp,
    requestsPerMinute: count('LOCKSTEP_REQUESTS_PER_MINUTE', 1200),
    attemptsPerMinute: count('LOCKSTEP_ATTEMPTS_PER_MINUTE', 60),
  };
}

export function isDevelopment(): boolean {
  return process.env.NODE_ENV === 'development';
}
