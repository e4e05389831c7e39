import { homedir, hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';

/** The one file of the agent that reads the environment. */

const text = z.string().min(1);

const schema = z.object({
  LOCKSTEP_API_URL: z.url({ protocol: /^https?$/ }).describe('Origin of the web application.'),
  LOCKSTEP_NODE_CREDENTIAL_FILE: text.describe('File with the credential of this node.'),
  LOCKSTEP_AGENT_DIR: text.describe('Folder of this agent: its ranks, and what was not delivered yet.'),
  LOCKSTEP_AGENT_NAME: text.max(128).default(hostname()),
  LOCKSTEP_AGENT_CORES: z.coerce.number().int().min(1).max(4096).optional().describe('Cores that runs may use.'),
  LOCKSTEP_AGENT_ADDRESS: text
    .max(255)
    .default('127.0.0.1')
    .describe('Where ranks of other nodes reach those of this one.'),
  LOCKSTEP_AGENT_POOL: text.max(64).optional(),
  LOCKSTEP_TEMPORAL_ADDRESS: text.optional().describe('Instead of the one that the server names.'),
  LOCKSTEP_CACHE_DIR: text.optional(),
  XDG_CACHE_HOME: text.optional(),
  LOCKSTEP_DATA_DIR: text.optional(),
  LOCKSTEP_TEST_RANK_MAIN: text.optional().describe('Test only: another program for ranks.'),
  LOCKSTEP_DOUBLE: text.optional().describe('Test only: handed to it.'),
});

export interface AgentEnvironment {
  apiUrl: string;
  credentialFile: string;
  folder: string;
  name: string;
  cores: number | null;
  address: string;
  pool: string | null;
  temporalAddress: string | null;
  cacheDir: string;
  dataDir: string | null;
  testRank: { rankMain: string; environment: Record<string, string> } | null;
}

/** Throws a ZodError that names what is missing. */
export function readEnvironment(): AgentEnvironment {
  const given = schema.parse(Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== '')));
  const cacheHome = given.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  return {
    apiUrl: given.LOCKSTEP_API_URL,
    credentialFile: resolve(given.LOCKSTEP_NODE_CREDENTIAL_FILE),
    folder: resolve(given.LOCKSTEP_AGENT_DIR),
    name: given.LOCKSTEP_AGENT_NAME,
    cores: given.LOCKSTEP_AGENT_CORES ?? null,
    address: given.LOCKSTEP_AGENT_ADDRESS,
    pool: given.LOCKSTEP_AGENT_POOL ?? null,
    temporalAddress: given.LOCKSTEP_TEMPORAL_ADDRESS ?? null,
    cacheDir: resolve(given.LOCKSTEP_CACHE_DIR ?? join(cacheHome, 'lockstep')),
    dataDir: given.LOCKSTEP_DATA_DIR === undefined ? null : resolve(given.LOCKSTEP_DATA_DIR),
    testRank:
      given.LOCKSTEP_TEST_RANK_MAIN === undefined
        ? null
        : {
            rankMain: given.LOCKSTEP_TEST_RANK_MAIN,
            environment: { LOCKSTEP_DOUBLE: given.LOCKSTEP_DOUBLE ?? '{}' },
          },
  };
}
