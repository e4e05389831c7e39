import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MetricsLog, type MetricsRow, readMetrics } from './metrics-log.js';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-metrics-'));
  path = join(folder, 'metrics.jsonl');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const start = (generation: number, step: number): MetricsRow => ({
  kind: 'generation',
  generation,
  step,
  workers: 1,
  threads: 1,
});
const train = (generation: number, step: number, epoch: number): MetricsRow => ({
  kind: 'train',
  generation,
  step,
  epoch,
  steps: 1,
  samples: 8,
  loss: 1,
  accuracy: 0.5,
  learningRate: 0.1,
  samplesPerSecond: 100,
  seconds: 0.08,
});
const epochRow = (generation: number, step: number, epoch: number): MetricsRow => ({
  kind: 'epoch',
  generation,
  step,
  epoch,
  loss: 1,
  accuracy: 0.5,
});
const validation = (generation: number, step: number, epoch: number): MetricsRow => ({
  kind: 'validation',
  generation,
  step,
  epoch,
  loss: 1,
  accuracy: 0.5,
  samples: 10,
  isBest: true,
  seconds: 0.1,
});

async function log(): Promise<MetricsLog> {
  const metrics = new MetricsLog(path, (error) => {
    throw error;
  });
  await metrics.begin({ step: 0, epoch: 0, validating: false }, start(1, 0));
  for (const row of [train(1, 1, 0), train(1, 2, 0), epochRow(1, 2, 0), validation(1, 2, 0), train(1, 3, 1)])
    metrics.append(row);
  metrics.close();
  return metrics;
}

const shown = () => readMetrics(path).map(({ kind, generation, step }) => `${kind} ${generation}:${step}`);

describe('metrics log', () => {
  it('drops what a generation that continues in mid-epoch writes again', async () => {
    const metrics = await log();
    await metrics.begin({ step: 1, epoch: 0, validating: false }, start(2, 1));
    metrics.append(train(2, 2, 0));
    expect(shown()).toEqual(['generation 1:0', 'train 1:1', 'generation 2:1', 'train 2:2']);
  });

  it('keeps the epoch but not its validation when a generation continues while validating', async () => {
    const metrics = await log();
    await metrics.begin({ step: 2, epoch: 0, validating: true }, start(2, 2));
    expect(shown()).toEqual(['generation 1:0', 'train 1:1', 'train 1:2', 'epoch 1:2', 'generation 2:2']);
  });

  it('keeps the validation when a generation continues after it', async () => {
    const metrics = await log();
    await metrics.begin({ step: 2, epoch: 1, validating: false }, start(2, 2));
    expect(shown()).toEqual([
      'generation 1:0',
      'train 1:1',
      'train 1:2',
      'epoch 1:2',
      'validation 1:2',
      'generation 2:2',
    ]);
  });

  it('does not read the line that a kill left torn', async () => {
    await log();
    await appendFile(path, '{"kind":"train","gener');
    expect(shown()).toHaveLength(6);
  });
});
