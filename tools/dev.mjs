// npm run dev: sets this clone up and runs the whole service on this machine, its data in .lockstep/service. What is changed
// is built, and what runs it is started again: control and agents after TypeScript, the web application after its sources
// too. Ctrl-C stops everything; the next start finds runs, account and address again.
import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { localDir, root } from './lib/paths.mjs';
import { createPhases, dim, explain, Fixable, runMain } from './lib/phases.mjs';
import { buildWorkflowsAndPages, servicePhases, setUpService } from './lib/setup.mjs';
import { startPlatform } from './services/platform.mjs';
import { tellAddress } from './services/tell-address.mjs';
import { untilStopped } from './services/until-stopped.mjs';

const folder = join(localDir, 'service');
/** Editors and compilers write several files at once. */
const quietMs = 400;

/** TypeScript in watch mode. Calls `onBuilt` after each build that found no error, but the first; prints the errors of others. */
function watchTypes(onBuilt, write) {
  const tsc = join('node_modules', 'typescript', 'bin', 'tsc');
  const args = [tsc, '-b', '--watch', '--preserveWatchOutput', '--pretty', 'false'];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  let rest = '';
  let isFirst = true;
  child.stdout.setEncoding('utf8').on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (/error TS\d+/.test(line)) write(`${line}\n`);
      const errors = /Found (\d+) errors?\. Watching/.exec(line)?.[1];
      if (errors === '0' && !isFirst) onBuilt();
      if (errors !== undefined) isFirst = false;
    }
  });
  return child;
}

/** Calls `onChange` a moment after the last change below a folder. */
function watchFolder(path, onChange) {
  let timer;
  return watch(path, { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(onChange, quietMs);
  });
}

/** Builds and starts again, one time after the other, however often it is asked. */
function createRestarter(platform, write) {
  let wanted = false;
  let isBusy = false;
  return async () => {
    wanted = true;
    if (isBusy) return;
    isBusy = true;
    while (wanted) {
      wanted = false;
      write(dim('building\n'));
      try {
        await buildWorkflowsAndPages({ logFile: join(localDir, 'logs', `dev-${process.pid}.log`), note: () => {} });
        await platform.restart((name) => !['postgres', 'temporal'].includes(name));
        write(`restarted web, control and agents: ${platform.url}\n`);
      } catch (error) {
        explain(error, 'Change the file again: everything else still runs.', write);
      }
    }
    isBusy = false;
  };
}

await runMain(async () => {
  const [unknown] = process.argv.slice(2);
  if (unknown !== undefined)
    throw new Fixable(`npm run dev has no option ${unknown}.`, 'One run and an end: npm run demo -- --once');
  const write = (text) => process.stdout.write(text);
  const phases = createPhases('dev', servicePhases + 1, { write });
  await setUpService(phases);
  let isStopping = false;
  const stopped = untilStopped().then(() => {
    isStopping = true;
  });
  let platform;
  await phases.run(
    'Start Postgres, Temporal, web, control and two agents',
    async ({ note }) => {
      const onEnd = (sentence) => isStopping || write(`${sentence}\n`);
      platform = await startPlatform(folder, { note, onEnd });
      return platform.url;
    },
    { typicalSeconds: 8, fix: `The logs are in ${folder}; npm run doctor lists what is missing.` },
  );
  tellAddress(platform, folder, write);
  write(`${dim('Changes are built and started by themselves. Ctrl-C stops everything.')}\n`);
  const restart = createRestarter(platform, write);
  const types = watchTypes(restart, write);
  const pages = watchFolder(join(root, 'apps', 'web', 'src'), restart);
  await stopped;
  write('stopping\n');
  types.kill();
  pages.close();
  await platform.stop();
  return 0;
});
