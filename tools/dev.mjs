// npm run dev: sets this clone up and runs the whole service on this machine until Ctrl-C, its data in .lockstep/service.
// `--once`: starts a service of its own, launches one LeNet-5 run of 3 epochs over two nodes through REST, stops everything.
// `--json`: the last line of stdout is one object, the rest goes to stderr.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { localDir, root } from './lib/paths.mjs';
import { bold, createPhases, dim, Fixable, runMain } from './lib/phases.mjs';
import { buildKernels, buildTypes, installDependencies, setupPhases } from './lib/setup.mjs';
import { buildService, generateClient, startPlatform } from './services/platform.mjs';

const known = ['--once', '--json'];
const finalStates = ['completed', 'failed', 'cancelled'];

/** Launches the run and follows it to its end. */
async function trainOnce({ api, account }, write) {
  const begun = performance.now();
  const seconds = () => (performance.now() - begun) / 1000;
  const spec = readFileSync(join(root, 'examples', 'lenet5.yaml'), 'utf8');
  const { items } = await api.get('/nodes');
  const hasAvx512 = items.every(({ isas }) => isas.includes('avx512_core'));
  let run = await api.send(
    'POST',
    '/runs',
    { project: account.project, spec: hasAvx512 ? spec : `${spec}\nisa: avx2\n`, name: 'lenet5', workers: 2 },
    { 'idempotency-key': `once-${process.pid}-${Date.now()}` },
  );
  write(`      ${run.id} is ${run.state}\n`);
  let firstMetricAt = null;
  const speeds = [];
  while (!finalStates.includes(run.state)) {
    await delay(firstMetricAt === null ? 50 : 500);
    const before = run.state;
    run = await api.get(`/runs/${run.id}`);
    if (run.state !== before) write(`      ${run.state}${run.waitingFor === null ? '' : `: ${run.waitingFor}`}\n`);
    if (run.samplesPerSecond !== null && run.state === 'training') speeds.push(run.samplesPerSecond);
    if (firstMetricAt === null) {
      const { series } = await api.get(`/runs/${run.id}/metrics?series=train/loss&maxPoints=10`);
      if (series.some(({ steps }) => steps.length > 0)) firstMetricAt = seconds();
    }
  }
  speeds.sort((a, b) => a - b);
  return {
    runId: run.id,
    state: run.state,
    reason: run.reason,
    testAccuracy: run.result?.testAccuracy ?? null,
    weightsDigest: run.result?.weightsDigest ?? null,
    workers: run.workers,
    samplesPerSecond: speeds[Math.floor(speeds.length / 2)] ?? run.samplesPerSecond,
    secondsToFirstMetric: firstMetricAt === null ? null : Number(firstMetricAt.toFixed(3)),
    url: run.url,
  };
}

function tell({ url, account, logs }, folder) {
  const rows = [
    ['open', url],
    ['sign in', `${account.email}, password ${account.password}`],
    ['sign up', `${url}/sign-up makes further accounts`],
    ['runs', `${url}/${account.organisation}/${account.project}`],
    ['API', `${url}/docs/api`],
    ['token', `in ${join(folder, 'account.json')}`],
    ['logs', logs.join(', ')],
  ];
  console.log('');
  for (const [name, value] of rows) console.log(`  ${name.padEnd(10)}${bold(value)}`);
  if (process.env.SSH_CONNECTION) {
    const { port } = new URL(url);
    console.log(`  ${'over SSH'.padEnd(10)}ssh -L ${port}:127.0.0.1:${port} <this machine>`);
  }
  console.log(`\n${dim('Ctrl-C stops everything.')}`);
}

/** Resolves at the first Ctrl-C or request to end. */
function untilStopped() {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => resolve(signal));
  });
}

await runMain(async () => {
  const args = process.argv.slice(2);
  const unknown = args.find((arg) => !known.includes(arg));
  if (unknown !== undefined)
    throw new Fixable(`npm run dev has no option ${unknown}.`, `Use: npm run dev -- ${known.join(' ')}`);
  const once = args.includes('--once');
  const json = args.includes('--json');
  const write = (text) => (json ? process.stderr : process.stdout).write(text);
  const phases = createPhases('dev', setupPhases + (once ? 4 : 3), { write });
  await installDependencies(phases);
  await buildKernels(phases);
  await phases.run('Generate the database client', generateClient);
  await buildTypes(phases);
  await phases.run('Build the service', buildService, { typicalSeconds: 60 });

  const stopped = untilStopped();
  const folder = join(localDir, once ? `once-${process.pid}` : 'service');
  let isStopping = false;
  stopped.then(() => {
    isStopping = true;
  });
  let onEnd;
  const broken = new Promise((resolve) => {
    onEnd = (sentence) => {
      if (!isStopping) write(`${sentence}\n`);
      resolve(sentence);
    };
  });
  let platform;
  await phases.run(
    'Start Postgres, Temporal, web, control and two agents',
    async ({ note }) => {
      platform = await startPlatform(folder, { note, onEnd });
      return platform.url;
    },
    { typicalSeconds: 15, fix: `The logs are in ${folder}; npm run doctor lists what is missing.` },
  );
  try {
    if (!once) {
      if (!isStopping) tell(platform, folder);
      await Promise.race([stopped, broken]);
      write('stopping\n');
      return 0;
    }
    let result = null;
    await phases.run('Train LeNet-5 over two nodes, 3 epochs', async () => {
      const ending = Promise.race([stopped, broken]).then((why) => {
        throw new Error(`ended before the run: ${why}`);
      });
      result = await Promise.race([trainOnce(platform, write), ending]);
      if (result.weightsDigest === null)
        throw new Error(`The run is ${result.state} (${result.reason}) without weights.`);
      return result.weightsDigest;
    });
    await platform.stop();
    rmSync(folder, { recursive: true, force: true });
    console.log(json ? JSON.stringify(result) : JSON.stringify(result, null, 2));
    return result.state === 'completed' ? 0 : 1;
  } finally {
    await platform.stop();
  }
});
