import type { FromRankFrame, ResolvedSpec } from '@lockstep/contracts';
import type { Batcher } from '../spool/batcher.js';

type FrameOf<T extends FromRankFrame['type']> = Extract<FromRankFrame, { type: T }>;

/** Samples seen after so many steps: each epoch sees every sample once, in batches of which the last may be smaller. */
export function samplesAfter(spec: ResolvedSpec, step: number): number {
  const { trainSamples } = spec.data;
  const { batchSize } = spec.training;
  const perEpoch = Math.ceil(trainSamples / batchSize);
  const epochs = Math.floor(step / perEpoch);
  return epochs * trainSamples + Math.min(trainSamples, (step - epochs * perEpoch) * batchSize);
}

/** Turns what a rank reports into metrics and events. All but its pace comes from rank 0 alone. */
export class Telemetry {
  private trainingSeconds = 0;
  private evaluatedEpoch = -1;
  private hasProgress = false;

  constructor(
    private readonly spec: ResolvedSpec,
    private readonly cores: number,
    private readonly batcher: Batcher,
    /** Wall clock, ISO 8601. */
    private readonly clock: () => string,
  ) {}

  take(frame: FromRankFrame): void {
    switch (frame.type) {
      case 'progress':
        this.progress(frame);
        break;
      case 'epoch':
        this.batcher.point('train/epochLoss', frame.step, frame.loss);
        this.batcher.point('train/epochAccuracy', frame.step, frame.accuracy);
        this.event('epoch', frame.step, { epoch: frame.epoch, loss: frame.loss, accuracy: frame.accuracy });
        break;
      case 'evaluating':
        if (frame.epoch !== this.evaluatedEpoch) {
          this.event('evaluating', frame.step, { epoch: frame.epoch, batches: frame.batches });
        }
        this.evaluatedEpoch = frame.epoch;
        break;
      case 'validation': {
        const { epoch, step, loss, accuracy, samples, isBest, seconds } = frame;
        this.batcher.point('val/loss', step, loss);
        this.batcher.point('val/accuracy', step, accuracy);
        this.event('validation', step, { epoch, loss, accuracy, samples, isBest, seconds });
        break;
      }
      case 'warning':
        this.event('warning', null, { code: frame.code, message: frame.message });
        break;
      default:
        break;
    }
  }

  pace(rank: number, { step, stepSeconds }: FrameOf<'heartbeat'>): void {
    if (stepSeconds !== null) this.batcher.point('perf/stepSeconds', step, stepSeconds, { rank: String(rank) });
  }

  event(kind: string, step: number | null, data: Record<string, unknown>): void {
    this.batcher.event({ time: this.clock(), kind, step, data: finite(data) });
  }

  log(level: 'info' | 'warning' | 'error', text: string): void {
    this.batcher.log({ time: this.clock(), level, text: text.slice(0, 16_384) });
  }

  private progress({
    epoch,
    step,
    lossSum,
    correct,
    samples,
    samplesPerSecond,
    learningRate,
    seconds,
  }: FrameOf<'progress'>): void {
    this.trainingSeconds += seconds;
    this.batcher.point('train/loss', step, lossSum / samples);
    this.batcher.point('train/accuracy', step, correct / samples);
    this.batcher.point('train/learningRate', step, learningRate);
    this.batcher.point('perf/samplesPerSecond', step, samplesPerSecond);
    this.batcher.reach({
      step,
      epoch,
      samples: samplesAfter(this.spec, step),
      trainingSeconds: this.trainingSeconds,
      coreSeconds: this.trainingSeconds * this.cores,
      samplesPerSecond,
    });
    // Whoever launched the run waits for a sign of life: the first numbers wait for no others.
    if (!this.hasProgress) void this.batcher.flush();
    this.hasProgress = true;
  }
}

/** JSON knows no NaN; an event is for people, who are told `null`. */
function finite(data: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [
      key,
      typeof value === 'number' && !Number.isFinite(value) ? null : value,
    ]),
  );
}
