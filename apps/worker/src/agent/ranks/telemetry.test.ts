import type { BatchBody, FromRankFrame, ResolvedSpec } from '@lockstep/contracts';
import { describe, expect, it } from 'vitest';
import { Batcher } from '../spool/batcher.js';
import { samplesAfter, Telemetry } from './telemetry.js';

const spec = { data: { trainSamples: 100 }, training: { batchSize: 32 } } as ResolvedSpec;

describe('samples after a step', () => {
  it('counts each sample of an epoch once, also where the last batch is smaller', () => {
    expect([0, 1, 3, 4, 5, 8].map((step) => samplesAfter(spec, step))).toEqual([0, 32, 96, 100, 132, 200]);
  });
});

describe('telemetry', () => {
  it('sends the first numbers at once, and gathers those after them', async () => {
    const written: BatchBody[] = [];
    const write = async (body: BatchBody) => void written.push(body);
    const batcher = new Batcher({ generation: 1, source: 'g1-rank-0', write, onProblem: () => undefined });
    const telemetry = new Telemetry(spec, 1, batcher, () => '2026-01-01T00:00:00.000Z');
    const progress = (step: number) =>
      telemetry.take({
        type: 'progress',
        epoch: 0,
        step,
        lossSum: 64,
        correct: 3,
        samples: 32,
        samplesPerSecond: 1000,
        learningRate: 0.1,
        seconds: 0.032,
      } as FromRankFrame);
    progress(1);
    await Promise.resolve();
    const steps = () => written.map(({ points }) => points?.find(({ name }) => name === 'train/loss')?.steps);
    expect(steps()).toEqual([[1]]);
    progress(2);
    progress(3);
    await batcher.flush();
    expect(steps()).toEqual([[1], [2, 3]]);
  });
});
