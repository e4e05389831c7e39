// Vitest's global set-up: a Postgres for the tests of one run, which dies with it. It does without safety against power
// cuts, which tests do not need.
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { localDir } from '../lib/paths.mjs';
import { removePostgres, startPostgres } from './postgres.mjs';

const prefix = 'postgres-for-tests-';

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Data of runs that were killed. */
async function removeLeftovers() {
  if (!existsSync(localDir)) return;
  for (const name of readdirSync(localDir))
    if (name.startsWith(prefix) && !isAlive(Number(name.slice(prefix.length))))
      await removePostgres(join(localDir, name));
}

export async function setup() {
  if (process.env.LOCKSTEP_TEST_POSTGRES_URL) return undefined;
  await removeLeftovers();
  mkdirSync(localDir, { recursive: true });
  const folder = join(localDir, `${prefix}${process.pid}`);
  const { url } = await startPostgres(folder, {
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: 200 },
    endWithParent: true,
  });
  process.env.LOCKSTEP_TEST_POSTGRES_URL = url;
  return () => removePostgres(folder);
}
