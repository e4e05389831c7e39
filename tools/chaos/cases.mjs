// What is done to the platform while a run trains on it. Each gives when the disturbance began and when everything was
// back, and checks what only it can know.
import { setTimeout as delay } from 'node:timers/promises';
import { pick } from '../acceptance/chance.mjs';
import { isAlive, rankProcesses, send, untilGone } from '../acceptance/processes.mjs';

const awayMs = 5000;
const goneMs = 20_000;
const generationMs = 60_000;

function rankOf(member) {
  const [rank] = rankProcesses(member.pid());
  if (rank === undefined) throw new Error(`${member.name} has no rank to disturb`);
  return rank;
}

async function requireGone(pid, what) {
  if (!(await untilGone(pid, goneMs))) throw new Error(`${what} (process ${pid}) still lives`);
}

async function untilGeneration(field, generation) {
  const deadline = performance.now() + generationMs;
  while (field.latest().generation === generation) {
    if (performance.now() > deadline) throw new Error(`generation ${generation} did not end`);
    await delay(50);
  }
}

async function requireRefused({ platform, runId }, generation, path, body) {
  const response = await fetch(`${platform.url}/node/v1/runs/${runId}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${platform.account.credentials['node-2']}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
  });
  const code = response.status === 204 ? null : (await response.json()).code;
  if (code !== 'infrastructure.stale-generation')
    throw new Error(`a late write of generation ${generation} to ${path} was answered ${response.status} ${code}`);
}

/**
 * Writes as the stopped rank would send them: a metric of a step that belongs to its successors, and how it ended. (What
 * it did before they began is the run's history, and is taken whenever it comes.)
 */
async function requireLateWritesRefused(field, generation, lastStep) {
  const points = [{ name: 'train/loss', steps: [lastStep], values: [0] }];
  await requireRefused(field, generation, '/batches', { generation, source: 'late', sequence: 0, points });
  // One of the two was this node's.
  for (const rank of [0, 1]) {
    const failed = { kind: 'failed', rank, code: 'internal.rank-crashed', message: 'too late' };
    await requireRefused(field, generation, `/generations/${generation}/results`, failed);
  }
}

function away(name, ms) {
  return async ({ platform }) => {
    await platform.members[name].stop();
    await delay(ms);
    await platform.members[name].start();
  };
}

function killed(name) {
  return async ({ platform }) => {
    await platform.members[name].kill();
    await delay(1000);
    await platform.members[name].start();
  };
}

/** The field: `platform`, `runId`, `ways` (to be cut), `latest()` (the last look), `words` (of this moment's choices). */
const single = {
  trainer: async ({ platform, words }) => {
    const victim = platform.members[`node-${1 + pick(2, ...words, 'node')}`];
    const rank = rankOf(victim);
    process.kill(rank, 'SIGKILL');
    await requireGone(rank, 'the killed rank');
  },
  agent: async ({ platform, words }) => {
    const victim = platform.members[`node-${1 + pick(2, ...words, 'node')}`];
    const rank = rankOf(victim);
    await victim.kill();
    await delay(1000);
    await victim.start();
    await requireGone(rank, 'the rank of the killed agent');
  },
  control: killed('control'),
  web: killed('web'),
  temporal: away('temporal', awayMs),
  postgres: away('postgres', awayMs),
  cut: async ({ ways, cutMs }) => {
    for (const way of ways) way.cut();
    await delay(cutMs);
    for (const way of ways) way.restore();
  },
  stopped: async (field) => {
    const rank = rankOf(field.platform.members['node-2']);
    const { generation } = field.latest();
    process.kill(rank, 'SIGSTOP');
    await untilGeneration(field, generation);
    send(rank, 'SIGCONT');
    await requireGone(rank, 'the rank of the ended generation');
    await requireLateWritesRefused(field, generation, field.totalSteps);
  },
};

/** Which disturbances may happen at the same time: not two that wait for each other, nor for one process. */
const pairs = [
  ['trainer', 'control'],
  ['trainer', 'web'],
  ['agent', 'control'],
  ['trainer', 'postgres'],
  ['trainer', 'temporal'],
  ['agent', 'web'],
  ['control', 'web'],
  ['temporal', 'postgres'],
];

export const caseNames = [...Object.keys(single), 'two'];

/** @returns {{ what: string, disturb: (field: object) => Promise<void> }} */
export function disturbanceOf(name, words) {
  if (name !== 'two') return { what: name, disturb: single[name] };
  const chosen = pairs[pick(pairs.length, ...words, 'pair')];
  return {
    what: chosen.join(' and '),
    disturb: async (field) => {
      const results = await Promise.allSettled(chosen.map((each) => single[each](field)));
      const failed = results.find(({ status }) => status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    },
  };
}

/** Ranks that no agent owns, and ranks that are left when nothing runs. */
export async function requireNoRanks({ platform }, seen) {
  const left = ['node-1', 'node-2'].flatMap((name) => rankProcesses(platform.members[name].pid()));
  for (const pid of new Set([...left, ...seen])) {
    if (isAlive(pid)) await requireGone(pid, 'a rank of the finished run');
  }
}
