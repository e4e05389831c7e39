import type { ResolvedSpec } from '@lockstep/contracts';
import type { RunEvent } from '@lockstep/trainer';
import { describe, expect, it } from 'vitest';
import { ProgressPrinter } from './progress.js';
import { TrainingView } from './training-view.js';

// Seven steps an epoch; the view reads nothing else of a spec.
const spec = { data: { trainSamples: 50 }, training: { epochs: 3, batchSize: 8 } } as ResolvedSpec;

const progress = (step: number, epoch = 0): RunEvent => ({
  type: 'progress',
  generation: 1,
  epoch,
  step,
  steps: 1,
  lossSum: 4,
  correct: 6,
  samples: 8,
  samplesPerSecond: 80,
  learningRate: 0.1,
  seconds: 0.1,
});
const validation: RunEvent = {
  type: 'validation',
  generation: 1,
  epoch: 0,
  step: 7,
  loss: 0.25,
  accuracy: 0.96,
  samples: 25,
  isBest: true,
  seconds: 0.1,
};

describe('view of a training', () => {
  it('shows epoch, step, means of the epoch, speed and what is left', () => {
    const view = new TrainingView(spec);
    view.take(progress(1));
    expect(view.line(200)).toBe('epoch 1/3  step 1/21  loss 0.5000  accuracy 75.00%  80 images/s  ETA 0:02');
    expect(view.line(68)).toBe('epoch 1/3 step 1/21 loss 0.5000 accuracy 75.00% 80 images/s ETA 0:02');
    expect(view.line(60)).toBe('epoch 1/3  step 1/21  loss 0.5000  accuracy 75.00%  ETA 0:02');
    expect(view.line(20)).toBe('epoch 1/3  step 1/21');
    expect(view.line(5)).toBe('epoch');
  });

  it('keeps one line of every epoch, and shows the last test accuracy', () => {
    const view = new TrainingView(spec);
    view.take({ type: 'epoch', generation: 1, epoch: 0, step: 7, loss: 0.5, accuracy: 0.75 });
    expect(view.take(validation)).toEqual([
      'epoch 1/3  step 7  loss 0.5000  accuracy 75.00%  test loss 0.2500  test accuracy 96.00% (best)',
    ]);
    view.take(progress(8, 1));
    expect(view.line(200)).toContain('epoch 2/3  step 8/21  loss 0.5000');
    expect(view.line(200)).toContain('test 96.00%');
  });

  it('says what happens besides training', () => {
    const view = new TrainingView(spec);
    expect(view.take({ type: 'generation', generation: 2, step: 6, workers: 2, threads: 1 })).toEqual([
      'continuing after step 6 (generation 2)',
    ]);
    expect(view.line(200)).toContain('starting');
    view.take({ type: 'evaluating', generation: 2, epoch: 0, step: 7, batch: 2, batches: 3 });
    expect(view.line(200)).toContain('validating 2/3');
  });
});

class Screen {
  readonly writes: string[] = [];
  readonly columns = 100;
  constructor(readonly isTTY: boolean) {}
  write(text: string): boolean {
    this.writes.push(text);
    return true;
  }
}

describe('progress on a stream', () => {
  const printer = (screen: Screen, now: () => number) =>
    new ProgressPrinter(screen as unknown as NodeJS.WriteStream, new TrainingView(spec), now);

  it('writes a plain line now and then where there is no terminal, without control characters', () => {
    let milliseconds = 0;
    const screen = new Screen(false);
    const shown = printer(screen, () => milliseconds);
    for (let step = 1; step <= 20; step++) {
      milliseconds += 1000;
      shown.take(progress(step));
    }
    shown.end();
    expect(screen.writes).toHaveLength(4);
    expect(screen.writes.join('')).not.toContain('\u001b');
  });

  it('redraws one line of a terminal at most four times a second', async () => {
    const screen = new Screen(true);
    const shown = printer(screen, () => performance.now());
    const start = performance.now();
    for (let step = 1; performance.now() - start < 600; step++) {
      shown.take(progress(1 + (step % 20)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    shown.end();
    const drawn = screen.writes.filter((text) => text.includes('epoch'));
    expect(drawn.length).toBeGreaterThan(1);
    expect(drawn.length).toBeLessThanOrEqual(4);
    expect(screen.writes.every((text) => !text.includes('\n'))).toBe(true);
    expect(screen.writes.at(-1)).toBe('\r\u001b[2K');
  });
});
