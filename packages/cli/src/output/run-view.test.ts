import type { RunStreamEvent } from '@lockstep/contracts';
import { describe, expect, it } from 'vitest';
import { printable, RunView } from './run-view.js';
import { sparkline } from './sparkline.js';

const base = { cursor: 1, runId: 'run_x', time: '2026-01-01T00:00:00.000Z' };
const metrics = (name: string, steps: number[], values: (number | 'NaN')[]): RunStreamEvent => ({
  type: 'metrics',
  ...base,
  source: 'rank-0',
  generation: 1,
  sequence: 0,
  series: [{ name, labels: {}, steps, values }],
});

describe('sparkline', () => {
  it('spans from the smallest to the largest', () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8)).toBe('▁▂▃▄▅▆▇█');
    expect(sparkline([3, 3], 8)).toBe('▁▁');
    expect(sparkline([], 8)).toBe('');
  });

  it('means neighbours where there are more than fit, and leaves gaps for what is not finite', () => {
    expect(sparkline([0, 0, 7, 7], 2)).toBe('▁█');
    expect(sparkline([0, Number.NaN, 7], 8)).toBe('▁ █');
  });
});

describe('view of a run', () => {
  it('shows state, step, loss, validation, speed and the course of the loss', () => {
    const view = new RunView({ state: 'queued', step: 0, totalSteps: 1407, epochs: 3 });
    expect(view.take({ type: 'state', ...base, state: 'training', reason: null })).toEqual(['training']);
    view.take(metrics('train/loss', [0, 1, 2], [2, 1, 0.5]));
    view.take(metrics('perf/samplesPerSecond', [2], [12345.6]));
    view.take(metrics('val/accuracy', [2], [0.9761]));
    const line = 'training  step 2/1,407  loss 0.5000  test 97.61%  12,346 images/s';
    expect(view.line(120)).toBe(`${line}  █▃▁`);
    expect(view.line(120, false)).toBe(line);
    expect(view.line(20)).toHaveLength(20);
  });

  it('tells an epoch when it was validated', () => {
    const view = new RunView({ state: 'training', step: 0, totalSteps: 1407, epochs: 3 });
    const event = (kind: string, data: Record<string, unknown>) => view.take({ type: 'event', ...base, kind, data });
    expect(event('epoch', { epoch: 0, loss: 0.25, accuracy: 0.9 })).toEqual([]);
    expect(event('validation', { epoch: 0, step: 469, loss: 0.1, accuracy: 0.97, isBest: true })).toEqual([
      'epoch 1/3  step 469  loss 0.2500  accuracy 90.00%  test loss 0.1000  test accuracy 97.00% (best)',
    ]);
  });

  it('tells once that the connection is lost', () => {
    const view = new RunView({ state: 'training', step: 0, totalSteps: null, epochs: 3 });
    expect(view.broken()).toHaveLength(1);
    expect(view.broken()).toEqual([]);
    view.take(metrics('train/loss', [1], ['NaN']));
    expect(view.broken()).toHaveLength(1);
  });

  it('lets no control character through', () => {
    expect(printable('a\u001b[2J\u0007\u009b\tb')).toBe('a?[2J??\tb');
  });
});
