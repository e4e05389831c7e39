// node tools/idle.mjs [--seconds N] [--nodes N]: what the service takes while nobody asks anything of it. Starts a platform
// of its own, lets it come to rest, and measures all of its processes: memory as the sum of proportional set sizes, CPU as
// a share of one core. stdout is one JSON object.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createPhases, runMain } from './lib/phases.mjs';
import { servicePhases, setUpService } from './lib/setup.mjs';
import { removePlatform, startPlatform } from './services/platform.mjs';
import { throwawayFolder } from './services/throwaway-folder.mjs';
import { untilStopped } from './services/until-stopped.mjs';

const restSeconds = 30;

/** All processes below one, with what they are called. */
function descendants(root) {
  const children = new Map();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(pid)]);
    } catch {
      // It has gone meanwhile.
    }
  }
  const below = (pid) => (children.get(pid) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(root);
}

function nameOf(pid) {
  const [program = '', ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  const script = args.find((arg) => /(server|main)\.m?js$/.test(arg));
  return (script ?? program).split('/').slice(-2).join('/').split(' ').slice(0, 2).join(' ');
}

/** CPU ticks that a process has had, with those of its children that it has waited for. */
function ticksOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
}

const pssBytes = (pid) =>
  Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]) * 1024;

function sample() {
  const perName = new Map();
  for (const pid of descendants(process.pid)) {
    try {
      const name = nameOf(pid);
      const entry = perName.get(name) ?? { ticks: 0, bytes: 0 };
      entry.ticks += ticksOf(pid);
      entry.bytes += pssBytes(pid);
      perName.set(name, entry);
    } catch {
      // It has gone meanwhile.
    }
  }
  return perName;
}

async function measure(seconds) {
  const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  const before = sample();
  const begun = performance.now();
  await delay(seconds * 1000);
  const elapsed = (performance.now() - begun) / 1000;
  const processes = [...sample()].map(([name, { ticks, bytes }]) => ({
    name,
    mebibytes: Math.round(bytes / 2 ** 20),
    percentOfCore: Number(((100 * (ticks - (before.get(name)?.ticks ?? 0))) / ticksPerSecond / elapsed).toFixed(2)),
  }));
  const sum = (field) => processes.reduce((total, process) => total + process[field], 0);
  return {
    seconds: Math.round(elapsed),
    mebibytes: sum('mebibytes'),
    percentOfCore: Number(sum('percentOfCore').toFixed(2)),
    processes: processes.sort((a, b) => b.percentOfCore - a.percentOfCore),
  };
}

await runMain(async () => {
  const { values } = parseArgs({ options: { seconds: { type: 'string' }, nodes: { type: 'string' } } });
  const write = (text) => process.stderr.write(text);
  const phases = createPhases('idle', servicePhases + 2, { write });
  await setUpService(phases);
  const folder = await throwawayFolder();
  const stopped = untilStopped();
  let platform = null;
  try {
    await phases.run('Start the service', async ({ note }) => {
      platform = await startPlatform(folder, { nodes: Number(values.nodes ?? 2), note });
    });
    let result = null;
    const seconds = Number(values.seconds ?? 300);
    await phases.run(`Measure for ${seconds} s, after ${restSeconds} s of rest`, async () => {
      const measuring = delay(restSeconds * 1000).then(() => measure(seconds));
      result = await Promise.race([measuring, stopped]);
    });
    if (typeof result === 'string') return 130;
    console.log(JSON.stringify(result, null, 2));
    return 0;
  } finally {
    await platform?.stop();
    await removePlatform(folder);
  }
});
