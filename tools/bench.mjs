// npm run bench: sets this clone up, then runs the benchmark of the engine with the options after `--`. The case `service`
// measures the whole service against `lockstep train`: npm run bench -- --cases service [--rounds 3] [--seconds 60]
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './lib/paths.mjs';
import { createPhases, Fixable, runMain } from './lib/phases.mjs';
import { servicePhases, setUp, setUpService, setupPhases } from './lib/setup.mjs';
import { benchService } from './services/bench-service.mjs';

await runMain(async () => {
  // Results go to stdout, and nothing else does.
  const write = (text) => process.stderr.write(text);
  const options = { cases: { type: 'string' }, rounds: { type: 'string' }, seconds: { type: 'string' } };
  const { values } = parseArgs({ options, strict: false });
  if (values.cases === 'service') {
    await setUpService(createPhases('bench', servicePhases, { write }));
    const result = await benchService({
      rounds: Number(values.rounds ?? 3),
      seconds: Number(values.seconds ?? 60),
      write,
    });
    console.log(JSON.stringify(result));
    return 0;
  }
  const benchmark = join('packages', 'engine', 'bench', 'main.mjs');
  if (!existsSync(join(root, benchmark)))
    throw new Fixable(`${benchmark} is missing.`, 'Check out the whole repository.');
  await setUp(createPhases('bench', setupPhases, { write }));
  const { status, error } = spawnSync(process.execPath, [benchmark, ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
  });
  if (error) throw error;
  return status ?? 1;
});
