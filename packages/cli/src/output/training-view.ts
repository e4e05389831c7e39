import type { ResolvedSpec } from '@lockstep/contracts';
import type { RunEvent } from '@lockstep/trainer';
import { clock, grouped, percent, significant } from './numbers.js';

type Progress = Extract<RunEvent, { type: 'progress' }>;

/**
 * What is shown of a running training: the text of the live line, and the lines that stay. Pure: fed with events and
 * times, asked for text.
 */
export class TrainingView {
  private readonly stepsPerEpoch: number;
  private readonly totalSteps: number;
  private epoch = 0;
  private step = 0;
  private sums = { loss: 0, correct: 0, samples: 0 };
  private trained: { loss: number; accuracy: number } | null = null;
  private validation: string | null = null;
  private activity: string | null = 'starting';
  /** Recent bursts, for the speed that is shown. */
  private recent: { samples: number; steps: number; seconds: number }[] = [];

  constructor(private readonly spec: ResolvedSpec) {
    this.stepsPerEpoch = Math.ceil(spec.data.trainSamples / spec.training.batchSize);
    this.totalSteps = this.stepsPerEpoch * spec.training.epochs;
  }

  /** Takes in an event; gives the lines that are to stay on screen. */
  take(event: RunEvent): string[] {
    switch (event.type) {
      case 'generation':
        this.step = event.step;
        this.sums = { loss: 0, correct: 0, samples: 0 };
        this.recent = [];
        this.activity = 'starting';
        if (event.step > 0) return [`continuing after step ${grouped(event.step)} (generation ${event.generation})`];
        return event.generation > 1 ? [`starting again at step 0 (generation ${event.generation})`] : [];
      case 'ready':
        this.activity = null;
        return [];
      case 'progress':
        this.progress(event);
        return [];
      case 'epoch':
        this.trained = { loss: event.loss, accuracy: event.accuracy };
        return [];
      case 'evaluating':
        this.activity = `validating ${event.batch}/${event.batches}`;
        return [];
      case 'validation':
        this.activity = null;
        this.validation = percent(event.accuracy);
        return [this.epochLine(event)];
      case 'rank-lost':
        return [`${event.message}${event.nextTry === 'none' ? '' : ' Starting again from the last checkpoint.'}`];
      case 'warning':
        return [`warning: ${event.message}`];
      case 'state':
        if (event.state === 'recovering') this.activity = 'recovering';
        if (event.state === 'stopping') this.activity = 'stopping';
        return [];
      case 'checkpoint':
        return [];
    }
  }

  /** The live line, no wider than `columns`: what matters least goes first where it is narrow. */
  line(columns: number): string {
    const { epochs } = this.spec.training;
    const speed = this.speed();
    const hasSums = this.sums.samples > 0;
    const left = speed ? clock((this.totalSteps - this.step) / speed.stepsPerSecond) : '';
    // Each part with its rank: the highest is left out first.
    const parts: [rank: number, text: string][] = [
      [0, `epoch ${Math.min(this.epoch + 1, epochs)}/${epochs}`],
      [1, `step ${grouped(this.step)}/${grouped(this.totalSteps)}`],
      [4, hasSums ? `loss ${significant(this.sums.loss / this.sums.samples)}` : ''],
      [3, hasSums ? `accuracy ${percent(this.sums.correct / this.sums.samples)}` : ''],
      [5, speed ? `${grouped(speed.samplesPerSecond)} images/s` : ''],
      [2, speed ? `ETA ${left}` : ''],
      [6, this.validation ? `test ${this.validation}` : ''],
      [1, this.activity ?? ''],
    ];
    const shown = parts.filter(([, text]) => text !== '');
    for (let most = 6; most >= 0; most--) {
      const texts = shown.filter(([rank]) => rank <= most).map(([, text]) => text);
      for (const gap of ['  ', ' ']) if (texts.join(gap).length <= columns) return texts.join(gap);
    }
    return (shown[0]?.[1] ?? '').slice(0, Math.max(0, columns));
  }

  private progress(event: Progress): void {
    if (event.epoch !== this.epoch) {
      this.epoch = event.epoch;
      this.sums = { loss: 0, correct: 0, samples: 0 };
    }
    if (this.activity !== 'stopping') this.activity = null;
    this.step = event.step;
    this.sums.loss += event.lossSum;
    this.sums.correct += event.correct;
    this.sums.samples += event.samples;
    this.recent.push({ samples: event.samples, steps: event.steps, seconds: event.seconds });
    if (this.recent.length > 20) this.recent.shift();
  }

  private speed(): { samplesPerSecond: number; stepsPerSecond: number } | null {
    const total = { samples: 0, steps: 0, seconds: 0 };
    for (const burst of this.recent) {
      total.samples += burst.samples;
      total.steps += burst.steps;
      total.seconds += burst.seconds;
    }
    if (total.seconds <= 0) return null;
    return { samplesPerSecond: total.samples / total.seconds, stepsPerSecond: total.steps / total.seconds };
  }

  private epochLine(event: Extract<RunEvent, { type: 'validation' }>): string {
    const parts = [`epoch ${event.epoch + 1}/${this.spec.training.epochs}`, `step ${grouped(event.step)}`];
    if (this.trained)
      parts.push(`loss ${significant(this.trained.loss)}`, `accuracy ${percent(this.trained.accuracy)}`);
    parts.push(
      `test loss ${significant(event.loss)}`,
      `test accuracy ${percent(event.accuracy)}${event.isBest ? ' (best)' : ''}`,
    );
    const speed = this.speed();
    if (speed) parts.push(`${grouped(speed.samplesPerSecond)} images/s`);
    return parts.join('  ');
  }
}
