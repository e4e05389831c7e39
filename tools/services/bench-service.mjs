// The service against `lockstep train` on the same spec and as many workers, round by round in turn, so that a ratio
// compares what the same machine did in the same minutes. Speeds are those of all bursts of steps of a rank's training,
// without what comes before the first step; a result is the median of rounds.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { root } from '../lib/paths.mjs';
import { finalStates, launchRun, specForNodes } from './follow-run.mjs';
import { removePlatform, startPlatform } from './platform.mjs';
import { throwawayFolder } from './throwaway-folder.mjs';

const workers = 2;
const firstStepMs = 60_000;

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? null;

/** Seconds from the create call to the first metric that is read back, and images a second. */
async function serviceRound(platform, spec, seconds) {
  const { api } = platform;
  const { run, launchedAt } = await launchRun(platform, { name: 'bench', spec, workers });
  const deadline = performance.now() + firstStepMs;
  let firstMetricAt = null;
  while (firstMetricAt === null) {
    const { series } = await api.get(`/runs/${run.id}/metrics?series=train/loss&maxPoints=10`);
    if (series.some(({ steps }) => steps.length > 0)) firstMetricAt = performance.now();
    else if (performance.now() > deadline) throw new Error(`${run.url} has no metric after ${firstStepMs / 1000} s.`);
    else await delay(20);
  }
  await delay(seconds * 1000);
  await api.send('POST', `/runs/${run.id}/cancel`);
  while (!finalStates.includes((await api.get(`/runs/${run.id}/wait?timeoutSeconds=10`)).state));
  const { series } = await api.get(`/runs/${run.id}/metrics?series=perf/samplesPerSecond&maxPoints=2000`);
  const speeds = series.flatMap(({ values }) => values.map(Number));
  return { speed: median(speeds), secondsToFirstMetric: (firstMetricAt - launchedAt) / 1000 };
}

/** Images a second of `lockstep train`. */
async function aloneRound(specFile, folder, seconds) {
  rmSync(folder, { recursive: true, force: true });
  const args = ['train', specFile, '--workers', `${workers}`, '--threads', '1', '--run-dir', folder, '--json'];
  const child = spawn(process.execPath, [join(root, 'packages', 'cli', 'bin', 'lockstep.mjs'), ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  const begun = new Promise((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (piece) => {
      text += piece;
      if (text.includes('images/s')) resolve();
    });
    child.once('close', (code) => reject(new Error(`lockstep train ended with ${code}: ${text}`)));
  });
  await begun;
  const ended = new Promise((resolve) => child.once('close', resolve));
  await delay(seconds * 1000);
  child.kill('SIGINT');
  await ended;
  const lines = readFileSync(join(folder, 'metrics.jsonl'), 'utf8').trim().split('\n');
  const bursts = lines.map((line) => JSON.parse(line)).filter(({ kind }) => kind === 'train');
  return median(bursts.map(({ samplesPerSecond }) => samplesPerSecond));
}

/** @param {{ rounds: number, seconds: number, write: (text: string) => void }} options */
export async function benchService({ rounds, seconds, write }) {
  const folder = await throwawayFolder();
  const work = mkdtempSync(join(tmpdir(), 'lockstep-bench-service-'));
  let platform = null;
  try {
    platform = await startPlatform(folder);
    const example = readFileSync(join(root, 'examples', 'lenet5.yaml'), 'utf8').replace(/epochs: .*/, 'epochs: 9000');
    const spec = await specForNodes(platform.api, example);
    const specFile = join(work, 'spec.yaml');
    writeFileSync(specFile, spec);
    const all = [];
    for (let round = 1; round <= rounds; round++) {
      const alone = await aloneRound(specFile, join(work, 'run'), seconds);
      const { speed, secondsToFirstMetric } = await serviceRound(platform, example, seconds);
      all.push({ alone, service: speed, ratio: speed / alone, secondsToFirstMetric });
      write(
        `round ${round}: alone ${Math.round(alone)}, service ${Math.round(speed)} images/s, ratio ${(speed / alone).toFixed(3)}, ` +
          `first metric after ${secondsToFirstMetric.toFixed(2)} s\n`,
      );
    }
    const middle = (field) => Number(median(all.map((round) => round[field])).toPrecision(5));
    return {
      case: 'service',
      rounds,
      secondsOfEachRound: seconds,
      alone: middle('alone'),
      service: middle('service'),
      ratio: middle('ratio'),
      secondsToFirstMetric: middle('secondsToFirstMetric'),
    };
  } finally {
    await platform?.stop();
    await removePlatform(folder);
    rmSync(work, { recursive: true, force: true });
  }
}
