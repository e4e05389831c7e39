// Writes the typed client of prisma/schema to src/generated. Prisma's command looks for an engine that generating does not
// use; any existing file stands in for it, so that nothing is downloaded.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
const cli = join(dirname(require.resolve('prisma/package.json')), 'build', 'index.js');
const { status, stdout, stderr, error } = spawnSync(process.execPath, [cli, 'generate'], {
  cwd: folder,
  encoding: 'utf8',
  env: {
    ...process.env,
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    CHECKPOINT_DISABLE: '1',
  },
});
if (status !== 0) {
  console.error(`prisma generate failed.\n${error?.message ?? ''}${stdout}${stderr}`);
  process.exit(1);
}
