import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stepsPerEpoch, validationBatches } from '../../src/train/train-state.js';
import { type GroupOptions, withGroup } from './run-session.js';
import { sessionCases } from './session-cases.js';
import { type SessionData, writeSessionData } from './session-data.js';

const cuts: (GroupOptions & { title: string })[] = [
  { title: '2 threads', threads: 2 },
  { title: '4 threads', threads: 4 },
  { title: '2 ranks, whole', worldSize: 2, exchange: 'whole' },
  { title: '2 ranks of 2 threads, sharded', worldSize: 2, threads: 2, exchange: 'sharded' },
  { title: '3 ranks, whole', worldSize: 3, exchange: 'whole' },
  { title: '3 ranks of 2 threads, whole', worldSize: 3, threads: 2, exchange: 'whole' },
  { title: '3 ranks, sharded', worldSize: 3, exchange: 'sharded' },
  { title: '3 ranks of 2 threads, sharded', worldSize: 3, threads: 2, exchange: 'sharded' },
  { title: '4 ranks, by size', worldSize: 4 },
  { title: '4 ranks, sharded', worldSize: 4, exchange: 'sharded' },
];

describe.each(sessionCases)('$name', ({ data: options, spec: requested }) => {
  let data: SessionData;
  beforeAll(async () => {
    data = await writeSessionData(options);
  });
  afterAll(() => data.remove());

  it('gives the same bits on any number of threads and ranks', async () => {
    const spec = data.resolve(requested);
    // Over an epoch's end, so that the last batch with its small and empty lanes is among the steps.
    const steps = stepsPerEpoch(spec) + 2;
    const run = (cut: GroupOptions) =>
      withGroup(data, spec, cut, async (group) => ({
        before: group.weights(),
        bursts: await group.train(0, steps),
        state: group.state(),
        evaluation: await group.evaluate(0, validationBatches(spec)),
      }));
    const alone = await run({});
    expect(alone.bursts.map(({ samples }) => [...samples])).toContainEqual(
      expect.arrayContaining([spec.data.trainSamples % spec.training.batchSize]),
    );
    for (const { title, ...cut } of cuts) expect({ title, ...(await run(cut)) }).toEqual({ title, ...alone });
  });

  it('gives the same bits wherever bursts are cut', async () => {
    const spec = data.resolve(requested);
    const steps = stepsPerEpoch(spec) + 3;
    const run = (cut: GroupOptions, burst: number) =>
      withGroup(data, spec, cut, async (group) => {
        const results = await group.train(0, steps, burst);
        const series = (pick: (result: (typeof results)[0]) => Float64Array) =>
          results.flatMap((result) => [...pick(result)]);
        return {
          state: group.state(),
          losses: series(({ lossSums }) => lossSums),
          correct: series(({ correct }) => correct),
          samples: series(({ samples }) => samples),
        };
      });
    const whole = await run({}, 100);
    for (const burst of [1, 2, 3]) expect(await run({}, burst)).toEqual(whole);
    expect(await run({ worldSize: 2, threads: 2 }, 2)).toEqual(whole);
  });

  it('resumes from a snapshot after every step to the same state', async () => {
    const spec = data.resolve(requested);
    const steps = stepsPerEpoch(spec) + 2;
    const snapshots = await withGroup(data, spec, {}, async (group) => {
      const all = [group.first.snapshot()];
      for (let step = 0; step < steps; step += 1) {
        await group.train(step, step + 1);
        all.push(group.first.snapshot());
      }
      return { all, state: group.state() };
    });
    await withGroup(data, spec, { threads: 2 }, async (group) => {
      for (const [step, snapshot] of snapshots.all.entries()) {
        // What is left of another state must not show.
        group.first.load(snapshot.map((tensor) => ({ ...tensor, data: tensor.data.map((v) => v + 1) })));
        if (step % 3 === 0) await group.train(0, 1);
        group.first.load(snapshot);
        await group.train(step, steps);
        expect(group.state(), `from step ${step}`).toBe(snapshots.state);
      }
    });
  });

  it('evaluates in any cut of batches, and leaves the state alone', async () => {
    const spec = data.resolve(requested);
    const batches = validationBatches(spec);
    const results = [];
    for (const cut of [{}, { threads: 2 }, { worldSize: 2 }, { worldSize: 4 }]) {
      results.push(
        await withGroup(data, spec, cut, async (group) => {
          await group.train(0, 3);
          const before = group.state();
          const whole = await group.evaluate(0, batches);
          expect(await group.evaluate(0, batches)).toEqual(whole);
          let [lossSum, correct] = [0, 0];
          for (let batch = 0; batch < batches; batch += 1) {
            const part = await group.evaluate(batch, 1);
            lossSum += part.lossSum;
            correct += part.correct;
          }
          expect({ lossSum, correct }).toEqual({ lossSum: whole.lossSum, correct: whole.correct });
          expect(whole.samples).toBe(spec.data.validationSamples);
          expect(group.state()).toBe(before);
          return whole;
        }),
      );
    }
    for (const result of results) expect(result).toEqual(results[0]);
  });
});
