import type { ResolvedSpec } from '@lockstep/contracts';
import { describe, expect, it } from 'vitest';
import { samplesAfter } from './telemetry.js';

describe('samples after a step', () => {
  it('counts each sample of an epoch once, also where the last batch is smaller', () => {
    const spec = { data: { trainSamples: 100 }, training: { batchSize: 32 } } as ResolvedSpec;
    expect([0, 1, 3, 4, 5, 8].map((step) => samplesAfter(spec, step))).toEqual([0, 32, 96, 100, 132, 200]);
  });
});
