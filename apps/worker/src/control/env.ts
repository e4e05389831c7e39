import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';

/** The one file of the control worker that reads the environment. */

const text = z.string().min(1);

const schema = z
  .object({
    LOCKSTEP_DATABASE_URL: text.optional().describe('postgresql://…'),
    LOCKSTEP_DATABASE_URL_FILE: text.optional().describe('File with it.'),
    LOCKSTEP_TEMPORAL_ADDRESS: text.describe('host:port'),
    LOCKSTEP_TEMPORAL_NAMESPACE: text.default('default'),
    LOCKSTEP_WEB_URL: text.default('http://127.0.0.1:3000').describe('Where agents of local pools reach the node API.'),
    LOCKSTEP_CONTROL_DIR: text.optional().describe('Agents of local pools keep their files here.'),
    LOCKSTEP_CACHE_DIR: text.optional(),
    LOCKSTEP_DATA_DIR: text.optional(),
  })
  .refine((given) => given.LOCKSTEP_DATABASE_URL !== undefined || given.LOCKSTEP_DATABASE_URL_FILE !== undefined, {
    message: 'expected LOCKSTEP_DATABASE_URL or LOCKSTEP_DATABASE_URL_FILE',
  });

export interface ControlEnvironment {
  databaseUrl: string;
  temporalAddress: string;
  namespace: string;
  folder: string;
  /** What agents of local pools get. */
  agentEnvironment: Record<string, string>;
}

/** Agents inherit nothing but these: neither the database nor anything else of the control worker is theirs. */
const inherited = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'LD_LIBRARY_PATH', 'XDG_CACHE_HOME'] as const;

/** Throws a ZodError that names what is missing. */
export function readEnvironment(): ControlEnvironment {
  const given = schema.parse(Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== '')));
  const agentEnvironment: Record<string, string> = { LOCKSTEP_API_URL: given.LOCKSTEP_WEB_URL };
  for (const name of inherited) {
    const value = process.env[name];
    if (value !== undefined) agentEnvironment[name] = value;
  }
  if (given.LOCKSTEP_CACHE_DIR !== undefined) agentEnvironment.LOCKSTEP_CACHE_DIR = given.LOCKSTEP_CACHE_DIR;
  if (given.LOCKSTEP_DATA_DIR !== undefined) agentEnvironment.LOCKSTEP_DATA_DIR = given.LOCKSTEP_DATA_DIR;
  return {
    databaseUrl: given.LOCKSTEP_DATABASE_URL ?? readFileSync(given.LOCKSTEP_DATABASE_URL_FILE as string, 'utf8').trim(),
    temporalAddress: given.LOCKSTEP_TEMPORAL_ADDRESS,
    namespace: given.LOCKSTEP_TEMPORAL_NAMESPACE,
    folder: resolve(given.LOCKSTEP_CONTROL_DIR ?? join(homedir(), '.local', 'share', 'lockstep', 'control')),
    agentEnvironment,
  };
}
