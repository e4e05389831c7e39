// node tools/load.mjs [--seconds N] [--points N] [--large]: how fast metrics are stored and read, in a Postgres of its own.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { localDir, root } from './lib/paths.mjs';
import { removePostgres, startPostgres } from './services/postgres.mjs';

const folder = join(localDir, `postgres-for-load-${process.pid}`);
mkdirSync(localDir, { recursive: true });
const server = await startPostgres(folder, { endWithParent: true });
try {
  const child = spawn(process.execPath, [join(root, 'packages', 'db', 'bench', 'load.mjs'), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, LOCKSTEP_TEST_POSTGRES_URL: server.url },
  });
  process.exitCode = await new Promise((resolve) => child.on('close', (code) => resolve(code ?? 1)));
} finally {
  await removePostgres(folder);
}
