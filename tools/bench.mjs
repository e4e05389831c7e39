// npm run bench: sets this clone up, then runs the benchmark of the engine with the options after `--`.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './lib/paths.mjs';
import { createPhases, Fixable, runMain } from './lib/phases.mjs';
import { setUp, setupPhases } from './lib/setup.mjs';

await runMain(async () => {
  const benchmark = join('packages', 'engine', 'bench', 'main.mjs');
  if (!existsSync(join(root, benchmark)))
    throw new Fixable(`${benchmark} is missing.`, 'Check out the whole repository.');
  // Results go to stdout, and nothing else does.
  await setUp(createPhases('bench', setupPhases, { write: (text) => process.stderr.write(text) }));
  const { status, error } = spawnSync(process.execPath, [benchmark, ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
  });
  if (error) throw error;
  return status ?? 1;
});
