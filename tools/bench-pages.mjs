// npm run bench:pages [-- --cases launch,run-page,runs-list --rounds 5 --seconds 15 --count N]: how soon pages show what
// happens, how the page of a large run moves, and how a long list scrolls; each case in a service of its own and a browser.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './lib/paths.mjs';
import { createPhases, Fixable, runMain } from './lib/phases.mjs';
import { findChromium } from './lib/requirements.mjs';
import { servicePhases, setUpService } from './lib/setup.mjs';
import { removePlatform, startPlatform } from './services/platform.mjs';
import { throwawayFolder } from './services/throwaway-folder.mjs';

const cases = ['launch', 'run-page', 'runs-list'];

async function measure(name, given) {
  const folder = await throwawayFolder();
  let platform = null;
  try {
    // One node: the other core is for everything else, the browser included.
    platform = await startPlatform(folder, { nodes: 1 });
    const { url, account, databaseUrl } = platform;
    const child = spawn(process.execPath, [join(root, 'apps', 'web', 'bench', `${name}.mjs`)], {
      stdio: 'inherit',
      env: { ...process.env, LOCKSTEP_BENCH_PAGES: JSON.stringify({ ...given, url, account, databaseUrl }) },
    });
    return await new Promise((resolve) => child.on('close', (code) => resolve(code ?? 1)));
  } finally {
    await platform?.stop();
    if (platform !== null) await removePlatform(folder);
  }
}

await runMain(async () => {
  const write = (text) => process.stderr.write(text);
  const { values } = parseArgs({
    options: {
      cases: { type: 'string', default: cases.join() },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '15' },
      count: { type: 'string' },
    },
  });
  const wanted = values.cases.split(',');
  const strange = wanted.find((name) => !cases.includes(name));
  if (strange !== undefined) throw new Fixable(`There is no case ${strange}.`, `Known: ${cases.join(', ')}.`);
  const executablePath = findChromium();
  if (executablePath === null)
    throw new Fixable('There is no Chromium.', 'apt-get install chromium, or set LOCKSTEP_CHROMIUM.');
  await setUpService(createPhases('bench:pages', servicePhases, { write }));
  const { rounds, seconds, count } = values;
  const given = {
    executablePath,
    rounds: Number(rounds),
    seconds: Number(seconds),
    count: count === undefined ? null : Number(count),
  };
  for (const name of wanted) {
    write(`${name}\n`);
    const code = await measure(name, given);
    if (code !== 0) return code;
  }
  return 0;
});
