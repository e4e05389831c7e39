import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GroupOptions, withGroup } from './run-session.js';
import { namedCases } from './session-cases.js';
import { type SessionData, writeSessionData } from './session-data.js';

const { softmax } = namedCases;
let data: SessionData;
beforeAll(async () => {
  // 2000 steps an epoch: long enough for a request to come in the middle of a burst.
  data = await writeSessionData({ ...softmax.data, trainSamples: 32_000, validationSamples: 70 });
});
afterAll(() => data.remove());

const groups: (GroupOptions & { title: string })[] = [
  { title: 'one rank', worldSize: 1 },
  { title: 'two ranks of two threads', worldSize: 2, threads: 2 },
  { title: 'three ranks, sharded', worldSize: 3, exchange: 'sharded' },
];

describe.each(groups)('a control request, $title', (options) => {
  const spec = () => data.resolve(softmax.spec);
  const last = (options.worldSize ?? 1) - 1;

  it.each([1, 2] as const)('of %d before a burst ends it after its first step, on every rank', async (word) => {
    await withGroup(data, spec(), options, async (group) => {
      group.sessions[last]?.requestControl(word);
      const [result] = await group.train(0, 50);
      expect(result).toMatchObject({ stepsDone: 1, control: word });
      expect(result?.lossSums).toHaveLength(1);
      // It is served: the next burst runs through.
      const [next] = await group.train(1, 50);
      expect(next).toMatchObject({ stepsDone: 49, control: 0 });
    });
  });

  it('during a burst ends it after the same step everywhere, in the state that this step leaves', async () => {
    const cut = await withGroup(data, spec(), options, async (group) => {
      const pending = group.train(0, 2000);
      group.sessions[last]?.requestControl(2);
      const [result] = await pending;
      return { steps: result?.stepsDone ?? 0, control: result?.control, state: group.state() };
    });
    expect(cut.control).toBe(2);
    expect(cut.steps).toBeGreaterThan(0);
    expect(cut.steps).toBeLessThan(2000);
    const straight = await withGroup(data, spec(), {}, async (group) => {
      await group.train(0, cut.steps);
      return group.state();
    });
    expect(cut.state).toBe(straight);
  });

  it('to stop wins over one for a checkpoint', async () => {
    await withGroup(data, spec(), options, async (group) => {
      group.first.requestControl(1);
      group.sessions[last]?.requestControl(2);
      const [result] = await group.train(0, 5);
      expect(result).toMatchObject({ stepsDone: 1, control: 2 });
    });
  });

  it('ends an evaluation after the same batch everywhere', async () => {
    await withGroup(data, spec(), options, async (group) => {
      const whole = await group.evaluate(0, 10);
      group.sessions[last]?.requestControl(1);
      const part = await group.evaluate(0, 10);
      expect(part).toMatchObject({ batchesDone: 1, control: 1, samples: 7 });
      const rest = await group.evaluate(1, 9);
      expect(rest).toMatchObject({ batchesDone: 9, control: 0 });
      expect(part.correct + rest.correct).toBe(whole.correct);
    });
  });
});
