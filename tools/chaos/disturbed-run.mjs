// One run over both nodes, disturbed at a step, followed to its end through the public API.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { rankProcesses } from '../acceptance/processes.mjs';
import { finalStates } from '../services/follow-run.mjs';
import { requireNoRanks } from './cases.mjs';
import { faultsOfMetrics, longestIdleTraining, longestStall, secondsToRecover } from './recovery.mjs';

const lookMs = 150;
const answerMs = 3000;
const endMs = 240_000;
const seriesNames = ['train/loss', 'train/epochLoss', 'val/loss', 'val/accuracy'];

async function create({ api, account }, spec, name) {
  const body = { project: account.project, spec, name, workers: 2, minimumWorkers: 1 };
  const { id } = await api.send('POST', '/runs', body, { 'idempotency-key': randomUUID() });
  return id;
}

async function metricsOf({ api }, runId) {
  const query = `series=${seriesNames.join(',')}&maxPoints=10000`;
  const { series } = await api.get(`/runs/${runId}/metrics?${query}`);
  return new Map(series.map(({ name, steps, values }) => [name, { steps, values: values.map(Number) }]));
}

/** The run as it is now; null where the API does not answer, which is what a case may be about. */
async function look({ url, account }, runId) {
  try {
    const response = await fetch(`${url}/api/v1/runs/${runId}`, {
      headers: { authorization: `Bearer ${account.token}` },
      signal: AbortSignal.timeout(answerMs),
    });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

/** Looks at a run until it has ended; tells of every look that was answered. */
async function follow(platform, runId, onLook) {
  const deadline = performance.now() + endMs;
  for (;;) {
    const run = await look(platform, runId);
    if (run !== null) {
      onLook(run);
      if (finalStates.includes(run.state)) return run;
    }
    if (performance.now() > deadline) throw new Error(`the run did not end; it is ${JSON.stringify(run)}`);
    await delay(lookMs);
  }
}

function sizes({ resolvedSpec: { training, data } }) {
  return { epochs: training.epochs, batchSize: training.batchSize, samples: data.trainSamples };
}

function digestsOf({ result }) {
  return { weightsDigest: result?.weightsDigest ?? null, stateDigest: result?.stateDigest ?? null };
}

/** What a run without any disturbance comes to. */
export async function undisturbedRun(platform, spec) {
  const runId = await create(platform, spec, 'undisturbed');
  const run = await follow(platform, runId, () => {});
  if (run.state !== 'completed') throw new Error(`the undisturbed run is ${run.state} (${run.reason})`);
  const series = await metricsOf(platform, runId);
  const faults = faultsOfMetrics({ series, expected: series, ...sizes(run) });
  if (faults.length > 0) throw new Error(`metrics of the undisturbed run: ${faults.join('; ')}`);
  return { digests: digestsOf(run), totalSteps: run.totalSteps, series: [...series] };
}

/**
 * @param {{ platform: object, ways: object[], spec: object, name: string, share: number, words: string[],
 *   disturb: (field: object) => Promise<void>, cutMs: number, expected: Awaited<ReturnType<typeof undisturbedRun>> }} moment
 *   `share` is when the disturbance comes, as a part of all steps
 */
export async function disturbedRun({ platform, ways, spec, name, share, words, disturb, expected, cutMs }) {
  // What an earlier moment left behind is not this one's: a node that is not back yet would get no rank to disturb.
  await platform.untilIdle();
  const runId = await create(platform, spec, name);
  const atStep = Math.floor(share * expected.totalSteps);
  const looks = [];
  const ranks = new Set();
  let latest = null;
  let disturbance = null;
  let began = null;
  let backAt = null;
  const field = { platform, ways, cutMs, runId, words, totalSteps: expected.totalSteps, latest: () => latest };
  const run = await follow(platform, runId, (seen) => {
    latest = { time: performance.now(), state: seen.state, generation: seen.generation, step: seen.step };
    looks.push(latest);
    if (began !== null || seen.state !== 'training' || seen.step < atStep) return;
    for (const node of ['node-1', 'node-2'])
      for (const pid of rankProcesses(platform.members[node].pid())) ranks.add(pid);
    began = performance.now();
    disturbance = disturb(field).then(
      () => {
        backAt = performance.now();
        return null;
      },
      (error) => error,
    );
  });
  const endedAt = performance.now();
  const faults = [];
  const fault = await disturbance;
  if (began === null) faults.push(`the run was never disturbed: it was not seen training at step ${atStep}`);
  if (fault) faults.push(fault.message);
  if (run.state !== 'completed') faults.push(`the run is ${run.state} (${run.reason}): ${run.failure?.message ?? ''}`);
  const digests = digestsOf(run);
  for (const key of ['weightsDigest', 'stateDigest'])
    if (digests[key] !== expected.digests[key])
      faults.push(`${key} is ${digests[key]}, undisturbed ${expected.digests[key]}`);
  const series = await metricsOf(platform, runId);
  faults.push(...faultsOfMetrics({ series, expected: new Map(expected.series), ...sizes(run) }));
  await requireNoRanks(field, ranks).catch((error) => faults.push(error.message));

  const timeline = looks.map(({ time, ...rest }) => ({ ...rest, at: (time - (began ?? time)) / 1000 }));
  const seconds = began === null ? null : secondsToRecover(timeline);
  // A loss that is found when all steps are done leaves none to be seen; `secondsToFinish` has what it cost.
  const isAllDone = timeline.some(({ step, generation }) => step === run.step && generation !== run.generation);
  if (began !== null && seconds === null && !isAllDone) faults.push('no new step was seen after the disturbance');
  const away = backAt === null || began === null ? null : (backAt - began) / 1000;
  const lastStepAt = timeline.find(({ step }) => step === run.step)?.at ?? null;
  return {
    runId,
    atStep,
    generations: run.generation,
    secondsToRecover: seconds,
    secondsAway: away,
    // Where the run trained on while a service was away, there was nothing to wait for afterwards.
    secondsAfterBack: seconds === null || away === null ? null : Math.max(0, seconds - away),
    longestStall: longestStall(timeline),
    longestIdleTraining: longestIdleTraining(timeline),
    secondsToFinish: began === null || lastStepAt === null ? null : (endedAt - began) / 1000 - lastStepAt,
    faults,
  };
}
