import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inputAffine } from '../../src/data/input-affine.js';
import { parseShard } from '../../src/data/shard.js';
import { elementCount } from '../../src/graph/elements.js';
import { createSession, numericClass } from '../../src/native-entry.js';
import { withGroup } from './run-session.js';
import { sessionCases } from './session-cases.js';
import { type SessionData, writeSessionData } from './session-data.js';

describe.each(sessionCases)('$name', ({ data: options, spec: requested }) => {
  let data: SessionData;
  beforeAll(async () => {
    data = await writeSessionData(options);
  });
  afterAll(() => data.remove());

  /** The validation split as `predict` takes it. */
  async function validationSamples() {
    const spec = data.resolve(requested);
    const { samples, labels } = parseShard(await readFile(data.validation.path), data.validation.path);
    const { scale, shift } = inputAffine(spec.input, spec.data.dtype);
    const elements = elementCount(spec.data.sampleShape);
    const plane = elements / scale.length;
    const x = Float32Array.from(samples, (value, index) => {
      const channel = Math.floor((index % elements) / plane);
      return Math.fround(Math.fround(value * (scale[channel] as number)) + (shift[channel] as number));
    });
    return { x, labels, elements };
  }

  it('predicts what it evaluates', async () => {
    const spec = data.resolve(requested);
    const { x, labels, elements } = await validationSamples();
    const { classes } = spec.data;
    await withGroup(data, spec, { threads: 2 }, async (group) => {
      await group.train(0, 4);
      const batches = Math.ceil(labels.length / spec.validation.batchSize);
      const evaluation = await group.evaluate(0, batches);
      const y = await group.first.predict(x, labels.length);
      expect(y).toHaveLength(labels.length * classes);
      let [correct, lossSum] = [0, 0];
      for (const [sample, label] of labels.entries()) {
        const row = [...y.subarray(sample * classes, (sample + 1) * classes)];
        lossSum -= row[label] as number;
        if (row.indexOf(Math.max(...row)) === label) correct += 1;
        expect(row.reduce((sum, value) => sum + Math.exp(value), 0)).toBeCloseTo(1, 5);
      }
      expect(correct).toBe(evaluation.correct);
      // Lanes of another size may use another kernel: the sum agrees up to rounding.
      expect(lossSum / evaluation.lossSum).toBeCloseTo(1, 5);
      // A sample's prediction does not depend on its company.
      for (const [first, count] of [
        [0, 1],
        [labels.length - 1, 1],
        [3, 5],
      ] as const) {
        const part = await group.first.predict(x.slice(first * elements, (first + count) * elements), count);
        expect(part).toEqual(y.slice(first * classes, (first + count) * classes));
      }
      await expect(group.first.predict(x, labels.length + 1)).rejects.toThrow('does not fit');
    });
  });

  it('probes without a trace, and to the same digest whatever the session', async () => {
    const spec = data.resolve(requested);
    const straight = await withGroup(data, spec, {}, async (group) => {
      const fresh = await group.first.probe();
      await group.train(0, 3);
      return { fresh, state: group.state() };
    });
    await withGroup(data, spec, { threads: 2 }, async (group) => {
      await group.train(0, 2);
      const before = group.state();
      expect(await group.first.probe()).toBe(straight.fresh);
      expect(group.state()).toBe(before);
      await group.train(2, 3);
      expect(group.state()).toBe(straight.state);
      expect(await group.first.probe()).toBe(straight.fresh);
    });
    await withGroup(data, spec, { worldSize: 2 }, async (group) => {
      expect(await Promise.all(group.sessions.map((session) => session.probe()))).toEqual([
        straight.fresh,
        straight.fresh,
      ]);
      await group.train(0, 3);
      expect(group.state()).toBe(straight.state);
    });
    const other = data.resolve({
      ...requested,
      training: { ...requested.training, batchSize: (requested.training?.batchSize ?? 0) * 2 },
    });
    const elsewhere = await withGroup(data, other, {}, (group) => group.first.probe());
    const classOf = (probeDigest: string) => numericClass({ isa: spec.isa, probeDigest }).id;
    expect(classOf(elsewhere)).not.toBe(classOf(straight.fresh));
  });

  it('predicts without data', async () => {
    const spec = data.resolve(requested);
    const { x } = await validationSamples();
    const session = await createSession({
      spec,
      trainShard: null,
      validationShard: null,
      rank: 0,
      worldSize: 1,
      threads: 1,
      communicator: null,
    });
    const count = x.length / elementCount(spec.data.sampleShape);
    const y = await session.predict(x, count);
    expect(y.every(Number.isFinite)).toBe(true);
    await session.close();
  });
});
