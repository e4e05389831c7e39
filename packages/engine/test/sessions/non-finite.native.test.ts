import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StateTensor } from '../../src/state/state-tensor.js';
import { type GroupOptions, withGroup } from './run-session.js';
import { namedCases } from './session-cases.js';
import { type SessionData, writeSessionData } from './session-data.js';

let lenet: SessionData;
let mlp: SessionData;
beforeAll(async () => {
  lenet = await writeSessionData(namedCases.lenet.data);
  mlp = await writeSessionData(namedCases.mlp.data);
});
afterAll(() => Promise.all([lenet.remove(), mlp.remove()]));

function withValue(tensors: readonly StateTensor[], name: string, value: number): StateTensor[] {
  return tensors.map((tensor) => {
    if (tensor.name !== name) return tensor;
    const data = tensor.data.slice();
    data[data.length - 1] = value;
    return { ...tensor, data };
  });
}

const groups: (GroupOptions & { title: string })[] = [
  { title: 'one rank', threads: 2 },
  { title: 'three ranks, whole', worldSize: 3, exchange: 'whole' },
  { title: 'three ranks, sharded', worldSize: 3, exchange: 'sharded' },
];

describe.each(groups)('a loss that is not finite, $title', (options) => {
  it.each([
    ['conv1.weight', 'conv1'],
    ['conv2.bias', 'conv2'],
    ['linear2.weight', 'linear2'],
  ])('names the step and the first node that shows it: NaN in %s', async (parameter, node) => {
    const spec = lenet.resolve(namedCases.lenet.spec);
    await withGroup(lenet, spec, options, async (group) => {
      await group.train(0, 2);
      const good = group.first.snapshot();
      const bad = withValue(good, parameter, Number.NaN);
      for (const session of group.sessions) session.load(bad);
      const before = group.state();
      const [result] = await group.train(2, 5);
      expect(result).toMatchObject({ stepsDone: 0, control: 0, nonFinite: { step: 2, node, what: 'loss' } });
      // Nobody updated, and the session goes on from a good state as if nothing had been.
      expect(group.state()).toBe(before);
      for (const session of group.sessions) session.load(good);
      await group.train(2, 6);
      const straight = await withGroup(lenet, spec, {}, async (other) => {
        await other.train(0, 6);
        return other.state();
      });
      expect(group.state()).toBe(straight);
    });
  });

  it('keeps the state of the last good step when training diverges', async () => {
    const spec = lenet.resolve(namedCases.lenet.spec);
    await withGroup(lenet, spec, options, async (group) => {
      let steps = 0;
      for (let failed = false; !failed; ) {
        const before = group.state();
        const [result] = await group.train(steps, steps + 1, 1, 1e30);
        failed = result?.nonFinite !== null;
        if (result?.nonFinite?.what === 'loss') expect(group.state()).toBe(before);
        expect(result?.nonFinite?.step ?? steps).toBe(steps);
        steps += 1;
        expect(steps).toBeLessThan(7);
      }
    });
  });

  it('says that a gradient was not finite, and of which node', async () => {
    const spec = mlp.resolve(namedCases.mlp.spec);
    await withGroup(mlp, spec, options, async (group) => {
      const [result] = await group.train(0, 3, 3, Number.POSITIVE_INFINITY);
      expect(result).toMatchObject({ stepsDone: 1, nonFinite: { step: 0, what: 'gradient' } });
      expect(result?.nonFinite?.node).toMatch(/^linear\d$/);
    });
  });
});

it('a sample that is not finite is noticed by all ranks, and located by the rank that has it', async () => {
  const data = await writeSessionData(namedCases.mlp.data);
  try {
    // Sample 0 is read in some lane of the first epoch, by one rank only.
    const file = await readFile(data.train.path);
    file.writeFloatLE(Number.NaN, data.train.header.samples.offset + 8);
    await writeFile(data.train.path, file);
    const spec = data.resolve(namedCases.mlp.spec);
    await withGroup(data, spec, { worldSize: 2 }, async ({ sessions }) => {
      const request = { epoch: 0, firstStepInEpoch: 0, firstStep: 0, learningRates: new Float32Array(5).fill(0.01) };
      const results = await Promise.all(sessions.map((session) => session.trainBurst(request)));
      const [a, b] = results.map(({ nonFinite }) => nonFinite);
      expect(a?.step).toBe(b?.step);
      expect([a?.node, b?.node].sort()).toEqual(['linear1', null]);
      expect([a?.order, b?.order].sort((x, y) => (x ?? 0) - (y ?? 0))[0]).toBe(-1);
    });
  } finally {
    await data.remove();
  }
});
