// Launches a run through REST and follows it to its end, as any program with a token would.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Refused } from './public-interface.mjs';

export const finalStates = ['completed', 'failed', 'cancelled'];
const series = ['train/loss', 'train/accuracy', 'val/accuracy'];
/** Between looks at a run that is about to give its first metric, and at others. */
const eagerMs = 50;
const eagerForMs = 15_000;
const calmMs = 500;
/** For how long the service may be away. */
const patienceMs = 60_000;

/** The spec for the nodes that there are: without AVX-512 it says so, because results differ. */
export async function specForNodes(api, spec) {
  const { items } = await api.get('/nodes');
  return items.every(({ isas }) => isas.includes('avx512_core')) ? spec : `${spec}\nisa: avx2\n`;
}

/** @returns {Promise<{ run: object, launchedAt: number }>} the run as it was created, and when it was asked for */
export async function launchRun({ api, account }, { name, spec, workers, tags = [] }) {
  const body = { project: account.project, spec: await specForNodes(api, spec), name, workers, tags };
  const launchedAt = performance.now();
  const run = await api.send('POST', '/runs', body, { 'idempotency-key': randomUUID() });
  return { run, launchedAt };
}

/** Asks again while the service is away or has too much to do. */
async function patiently(ask, signal) {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const isFinal = error instanceof Refused && error.status !== 429 && error.status < 500;
      if (isFinal || signal?.aborted || performance.now() > deadline) throw error;
    }
    await delay(calmMs, undefined, { signal });
  }
}

/**
 * @param {(progress: { run: object, loss: number | null, accuracy: number | null, validation: number | null }) => void} onProgress
 * @param {AbortSignal} [signal] ends the following with an error
 * @returns {Promise<object>} what the demo says of a run at its end
 */
export async function followRun({ api }, { run: created, launchedAt }, onProgress = () => {}, signal) {
  let run = created;
  let firstMetricAt = null;
  const last = Object.fromEntries(series.map((name) => [name, null]));
  const speeds = [];
  for (;;) {
    onProgress({
      run,
      loss: last['train/loss'],
      accuracy: last['train/accuracy'],
      validation: last['val/accuracy'],
    });
    if (finalStates.includes(run.state)) break;
    const isEager = firstMetricAt === null && performance.now() - launchedAt < eagerForMs;
    await delay(isEager ? eagerMs : calmMs, undefined, { signal });
    const answer = await patiently(
      () => api.get(`/runs/${run.id}/metrics?series=${series.join(',')}&maxPoints=10`),
      signal,
    );
    for (const { name, values } of answer.series) last[name] = Number(values.at(-1) ?? last[name]);
    if (firstMetricAt === null && last['train/loss'] !== null) firstMetricAt = performance.now();
    run = await patiently(() => api.get(`/runs/${run.id}`), signal);
    if (run.state === 'training' && run.samplesPerSecond !== null) speeds.push(run.samplesPerSecond);
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
    secondsToFirstMetric: firstMetricAt === null ? null : Number(((firstMetricAt - launchedAt) / 1000).toFixed(3)),
    url: run.url,
  };
}
