import { writeFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { specForDouble } from '../../engine/test/session-double.mjs';
import { type MetricsRow, readMetrics } from '../src/run-folder/metrics-log.js';
import type { RunSummary } from '../src/supervisor/run-summary.js';
import { type Supervised, supervised, withRunDir } from './supervised.js';

const spec = specForDouble({ checkpoint: { everySteps: 3 } });
const stepsPerEpoch = 7;

const digests = ({ state, weightsDigest, stateDigest }: RunSummary) => [state, weightsDigest, stateDigest];
const lostRanks = ({ events }: Supervised) => events.filter((event) => event.type === 'rank-lost');

let undisturbed: Promise<unknown[]> | null = null;
/** What the run comes to when nothing happens to it. */
const expected = (): Promise<unknown[]> => {
  undisturbed ??= withRunDir(async (runDir) => digests((await supervised({ spec, runDir, workers: 1 })).summary));
  return undisturbed;
};

/** Every training step is in exactly one row, every epoch and validation there once. */
function expectWholeMetrics(path: string, epochs: number): void {
  const rows = readMetrics(path);
  const trained = rows.filter((row): row is MetricsRow & { kind: 'train' } => row.kind === 'train');
  let step = 0;
  for (const row of trained) {
    expect(row.step - row.steps).toBe(step);
    step = row.step;
  }
  expect(step).toBe(epochs * stepsPerEpoch);
  for (const kind of ['epoch', 'validation']) {
    const seen = rows.filter((row) => row.kind === kind).map((row) => row.step);
    expect(seen).toEqual(Array.from({ length: epochs }, (_, epoch) => (epoch + 1) * stepsPerEpoch));
  }
}

describe('a supervised run', () => {
  it('gives the same digests with 1, 2 and 3 ranks and leaves a complete run folder', async () => {
    for (const workers of [1, 2, 3]) {
      await withRunDir(async (runDir) => {
        const { summary, events } = await supervised({ spec, runDir, workers });
        expect(digests(summary)).toEqual(await expected());
        expect(summary).toMatchObject({ reason: 'all-epochs', steps: 14, workers, lanes: 8, failure: null });
        expect(summary.testAccuracy).toBeGreaterThan(0);
        expect(events.filter((event) => event.type === 'state').map((event) => event.state)).toEqual(
          expect.arrayContaining(['training', 'evaluating', 'completed']),
        );
        expectWholeMetrics(join(runDir, 'metrics.jsonl'), 2);
        const names = await readdir(runDir);
        expect(names.sort()).toEqual(['checkpoints', 'logs', 'metrics.jsonl', 'spec.resolved.json', 'summary.json']);
        expect(JSON.parse(await readFile(join(runDir, 'summary.json'), 'utf8'))).toEqual(summary);
      });
    }
  });

  it.each([
    { name: 'before its first step', fault: { rank: 1, generation: 1, step: 0 } },
    { name: 'between two checkpoints', fault: { rank: 0, generation: 1, step: 4 } },
    { name: 'right after a checkpoint', fault: { rank: 1, generation: 1, step: 6 } },
    { name: 'in the second epoch', fault: { rank: 2, generation: 1, step: 10 } },
    { name: 'while validating', fault: { rank: 1, generation: 1, batch: 1 } },
  ])('replaces a rank that is killed $name, and comes to the same bits', async ({ fault }) => {
    await withRunDir(async (runDir) => {
      const run = await supervised({ spec, runDir, workers: 3, faults: [{ ...fault, action: 'kill' }] });
      expect(digests(run.summary)).toEqual(await expected());
      expect(lostRanks(run)).toHaveLength(1);
      expect(lostRanks(run)[0]?.message).toContain(`Rank ${fault.rank} was killed by SIGKILL`);
      expectWholeMetrics(join(runDir, 'metrics.jsonl'), 2);
    });
  });

  it('survives several losses in a row', async () => {
    await withRunDir(async (runDir) => {
      const faults = [1, 2, 3, 4].map((generation) => ({
        rank: generation % 2,
        generation,
        step: 2 * generation,
        action: 'kill' as const,
      }));
      const run = await supervised({ spec, runDir, faults });
      expect(digests(run.summary)).toEqual(await expected());
      expect(lostRanks(run)).toHaveLength(4);
    });
  });

  it.each(['stop', 'hang'] as const)('replaces a rank that falls silent (%s) past the deadline', async (action) => {
    await withRunDir(async (runDir) => {
      const faults = [{ rank: 1, generation: 1, step: 5, action }];
      const run = await supervised({ spec, runDir, faults, deadlineMs: 1500 });
      expect(digests(run.summary)).toEqual(await expected());
      expect(lostRanks(run)).toHaveLength(1);
    });
  });

  it('cuts off a rank that does not speak the protocol', async () => {
    await withRunDir(async (runDir) => {
      const run = await supervised({ spec, runDir, faults: [{ rank: 1, generation: 1, step: 5, action: 'garbage' }] });
      expect(digests(run.summary)).toEqual(await expected());
      expect(lostRanks(run)[0]?.message).toContain('Rank 1 was cut off');
    });
  });

  it('gives up on a rank that crashes every time, and says what it printed', async () => {
    await withRunDir(async (runDir) => {
      const { summary } = await supervised({ spec, runDir, faults: [{ rank: 0, step: 1, action: 'exit' }] });
      expect(summary).toMatchObject({ state: 'failed', failure: { code: 'internal.rank-crashed' } });
      expect(summary.failure?.message).toContain('Rank 0 ended with exit code 9');
    });
  });

  it('fails on a broken invariant without trying again', async () => {
    await withRunDir(async (runDir) => {
      const run = await supervised({ spec, runDir, faults: [{ rank: 0, step: 1, action: 'throw' }] });
      expect(run.summary).toMatchObject({ state: 'failed', reason: 'internal' });
      expect(run.summary.failure?.message).toContain('a broken invariant');
      expect(lostRanks(run)).toHaveLength(0);
    });
  });

  it('fails when ranks differ, and keeps no checkpoint of it', async () => {
    await withRunDir(async (runDir) => {
      const { summary } = await supervised({ spec, runDir, faults: [{ rank: 1, action: 'diverge' }] });
      expect(summary).toMatchObject({ state: 'failed', reason: 'diverged', failure: { step: 3 } });
      const kept = await readdir(join(runDir, 'checkpoints')).catch(() => []);
      for (const name of kept) expect(await readdir(join(runDir, 'checkpoints', name))).not.toContain('manifest.json');
    });
  });

  it('stops where numbers are not finite, naming the step and the earliest layer of all ranks', async () => {
    await withRunDir(async (runDir) => {
      const { summary } = await supervised({ spec, runDir, faults: [{ rank: 0, step: 5, action: 'non-finite' }] });
      expect(summary).toMatchObject({ state: 'failed', reason: 'non-finite', failure: { step: 5, node: 'fc1' } });
      expect(await readdir(join(runDir, 'checkpoints'))).toEqual(['step-000000003-g1-s0']);
    });
  });

  it('refuses ranks of two numeric classes before they connect', async () => {
    await withRunDir(async (runDir) => {
      const { summary } = await supervised({ spec, runDir, environment: { LOCKSTEP_TEST_NUMERIC_CLASS: '1=other' } });
      expect(summary).toMatchObject({ state: 'failed', reason: 'numeric-class', steps: 0 });
      expect(summary.failure?.message).toContain(
        'Rank 1 computes in another numeric class than rank 0: test "none" against "other"',
      );
    });
  });

  it('stops after a checkpoint when asked, and a resumed run comes to the same bits', async () => {
    await withRunDir(async (runDir) => {
      const first = await supervised({
        spec,
        runDir,
        stepMs: 5,
        onEvent: (event, run) => event.type === 'progress' && event.step >= 4 && run.stop(),
      });
      expect(first.summary).toMatchObject({ state: 'cancelled', reason: 'user' });
      expect(first.summary.steps).toBeLessThan(14);
      expect(first.summary.stateDigest).toMatch(/^[0-9a-f]{64}$/);
      const second = await supervised({ spec, runDir, resume: true, workers: 3 });
      expect(digests(second.summary)).toEqual(await expected());
      expectWholeMetrics(join(runDir, 'metrics.jsonl'), 2);
    });
  });

  it('stops at once when asked twice', async () => {
    await withRunDir(async (runDir) => {
      const { summary } = await supervised({
        spec,
        runDir,
        faults: [{ rank: 1, step: 4, action: 'hang' }],
        onEvent: (event, run) => {
          if (event.type !== 'progress' || event.step < 1) return;
          run.stop();
          run.stopNow();
        },
      });
      expect(summary).toMatchObject({ state: 'cancelled', reason: 'user', stateDigest: null });
    });
  });

  it('falls back to the checkpoint before a damaged one and says so', async () => {
    await withRunDir(async (runDir) => {
      let written = 0;
      await supervised({
        spec,
        runDir,
        stepMs: 20,
        onEvent: (event, run) => event.type === 'checkpoint' && ++written === 2 && run.stop(),
      });
      const checkpoints = join(runDir, 'checkpoints');
      const newest = (await readdir(checkpoints)).sort().at(-1) as string;
      await writeFile(join(checkpoints, newest, 'model.safetensors'), 'damaged');
      const run = await supervised({ spec, runDir, resume: true });
      expect(digests(run.summary)).toEqual(await expected());
      expect(run.events.find((event) => event.type === 'warning')?.message).toContain(newest);
      expect(run.events.find((event) => event.type === 'generation')?.step).toBeGreaterThan(0);
      expectWholeMetrics(join(runDir, 'metrics.jsonl'), 2);
    });
  });

  it('trains on while checkpoints cannot be written, warns once, and fails at the end', async () => {
    await withRunDir(async (runDir) => {
      const { summary, events } = await supervised({
        spec,
        runDir,
        onEvent: (event) => {
          if (event.type === 'generation') writeFileSync(join(runDir, 'checkpoints'), 'in the way');
        },
      });
      expect(summary).toMatchObject({ state: 'failed', reason: 'infrastructure', steps: 14 });
      expect(summary.failure?.message).toContain('checkpoints');
      expect(events.filter((event) => event.type === 'warning')).toHaveLength(1);
    });
  });

  it('refuses a folder that holds a run, or that another process works in', async () => {
    await withRunDir(async (runDir) => {
      let second: Promise<unknown> | null = null;
      await supervised({
        spec,
        runDir,
        onEvent: (event) => {
          if (event.type === 'ready') second = supervised({ spec, runDir, resume: true }).catch((error) => error);
        },
      });
      expect(await second).toMatchObject({ code: 'bad-input.run-busy' });
      await expect(supervised({ spec, runDir })).rejects.toMatchObject({ code: 'bad-input.run-dir' });
    });
  });
});
