// npm run bench:pages [-- --rounds 5 --seconds 15]: how soon pages show what happens, in a service of its own and a browser.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './lib/paths.mjs';
import { createPhases, Fixable, runMain } from './lib/phases.mjs';
import { findChromium } from './lib/requirements.mjs';
import { servicePhases, setUpService } from './lib/setup.mjs';
import { removePlatform, startPlatform } from './services/platform.mjs';
import { throwawayFolder } from './services/throwaway-folder.mjs';

await runMain(async () => {
  const write = (text) => process.stderr.write(text);
  const options = { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '15' } };
  const { values } = parseArgs({ options });
  const executablePath = findChromium();
  if (executablePath === null)
    throw new Fixable('There is no Chromium.', 'apt-get install chromium, or set LOCKSTEP_CHROMIUM.');
  await setUpService(createPhases('bench:pages', servicePhases, { write }));
  const folder = await throwawayFolder();
  let platform = null;
  try {
    // One node: the other core is for everything else, the browser included.
    platform = await startPlatform(folder, { nodes: 1 });
    const { url, account } = platform;
    const given = { url, account, executablePath, rounds: Number(values.rounds), seconds: Number(values.seconds) };
    const child = spawn(process.execPath, [join(root, 'apps', 'web', 'bench', 'pages.mjs')], {
      stdio: 'inherit',
      env: { ...process.env, LOCKSTEP_BENCH_PAGES: JSON.stringify(given) },
    });
    return await new Promise((resolve) => child.on('close', (code) => resolve(code ?? 1)));
  } finally {
    await platform?.stop();
    if (platform !== null) await removePlatform(folder);
  }
});
