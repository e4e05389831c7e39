import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { buildInfo } from '@lockstep/kernels-native';
import { afterAll, describe, expect, it } from 'vitest';
import { numericsVersion } from '../../src/resolve/versions.js';
import { stepsPerEpoch } from '../../src/train/train-state.js';
import { type GroupOptions, withGroup } from '../sessions/run-session.js';
import { type SessionCase, sessionCases } from '../sessions/session-cases.js';
import { writeSessionData } from '../sessions/session-data.js';

/**
 * Weights of small runs, recorded for the machines that were seen. Bits are promised within a numeric class; the probe's
 * digest stands for it here. A machine is known by what must not change its bits by itself: processor, ISA and oneDNN. So a
 * known machine with other bits means that our kernels, the plan or the order of sums changed: raise `numericsVersion`
 * (once released) and record with LOCKSTEP_UPDATE_GOLDEN=1. On a machine that was never seen, the file holds the one thing
 * that is promised everywhere: any cut into threads and ranks gives the same bits; and it prints what to record.
 */
interface Golden {
  case: string;
  isa: string;
  machine: string;
  numericsVersion: number;
  probe: string;
  steps: number;
  weights: string;
  evaluation: { lossSum: number; correct: number };
}

const file = fileURLToPath(new URL('digests.json', import.meta.url));
const golden: Golden[] = JSON.parse(readFileSync(file, 'utf8'));
const recorded: Golden[] = [];
const update = process.env.LOCKSTEP_UPDATE_GOLDEN === '1';

/** The processor as /proc/cpuinfo names it (its kind, not its frequency; oneDNN blocks by cache size), and oneDNN. */
function machineOf(): string {
  const info = readFileSync('/proc/cpuinfo', 'utf8');
  const field = (name: string): string => new RegExp(`^${name}\\s*: (.*)$`, 'm').exec(info)?.[1] ?? '';
  const kind = [
    field('vendor_id'),
    field('cpu family'),
    field('model'),
    field('cache size'),
    cpus()[0]?.model.replace(/ +@.*/, '').trim(),
  ];
  return [...kind, `oneDNN ${buildInfo().oneDnn}`].join('/');
}

async function measure(sessionCase: SessionCase, isa: string, cuts: readonly GroupOptions[]): Promise<Golden[]> {
  const data = await writeSessionData(sessionCase.data);
  try {
    const spec = data.resolve({ ...sessionCase.spec, isa: isa as 'avx2' });
    const steps = stepsPerEpoch(spec) * 2 + 1;
    const results: Golden[] = [];
    for (const cut of cuts) {
      results.push(
        await withGroup(data, spec, cut, async (group) => {
          const probe = await group.first.probe();
          await group.train(0, steps);
          const { lossSum, correct } = await group.evaluate(0, 1);
          const weights = group.weights();
          const facts = { case: sessionCase.name, isa, machine: machineOf(), numericsVersion };
          return { ...facts, probe, steps, weights, evaluation: { lossSum, correct } };
        }),
      );
    }
    return results;
  } finally {
    await data.remove();
  }
}

const isa = buildInfo().isas[0] ?? 'none';

describe(`golden digests under ${isa}`, () => {
  it.each(sessionCases.map((sessionCase) => [sessionCase.name, sessionCase] as const))(
    '%s',
    async (name, sessionCase) => {
      const cuts = [{}, { threads: 2 }, { worldSize: 2, threads: 2 }, { worldSize: 3 }];
      const [now, ...others] = (await measure(sessionCase, isa, cuts)) as [Golden, ...Golden[]];
      for (const other of others) expect(other).toEqual(now);
      recorded.push(now);
      if (update) return;
      const sameCase = golden.filter((entry) => entry.case === name && entry.isa === isa);
      const sameMachine = sameCase.filter(({ machine }) => machine === now.machine);
      const sameClass = sameCase.filter(
        (entry) => entry.probe === now.probe && entry.numericsVersion === numericsVersion,
      );
      for (const known of [...sameMachine, ...sameClass]) {
        expect(now, 'bits changed: see the head of this file').toEqual({ ...known, machine: now.machine });
      }
      if (sameMachine.length + sameClass.length === 0) {
        console.warn(
          `golden digests: this machine was never seen; only its own agreement was checked:\n${JSON.stringify(now)}`,
        );
      }
    },
  );

  afterAll(() => {
    if (!update) return;
    const kept = golden.filter(
      (entry) =>
        !recorded.some((now) => now.case === entry.case && now.isa === entry.isa && now.machine === entry.machine),
    );
    // Entries of machines that are not at hand cannot be renewed here; an older numericsVersion says nothing any more.
    const all = [...kept.filter((entry) => entry.numericsVersion === numericsVersion), ...recorded];
    writeFileSync(file, `[\n${all.map((entry) => `  ${JSON.stringify(entry)}`).join(',\n')}\n]\n`);
  });
});

it('the recorded digests are of the present numericsVersion', () => {
  if (update) return;
  expect(golden.length).toBeGreaterThan(0);
  for (const entry of golden)
    expect(entry.numericsVersion, 'record again: LOCKSTEP_UPDATE_GOLDEN=1').toBe(numericsVersion);
});
