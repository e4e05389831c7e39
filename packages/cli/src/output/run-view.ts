import { isFinalRunState, type RunDetail, type RunStreamEvent } from '@lockstep/contracts';
import { grouped, percent, significant } from './numbers.js';
import { sparkline } from './sparkline.js';

const keptLosses = 4000;

/** What is shown of a run that trains elsewhere: the text of the live line, and the lines that stay. Pure. */
export class RunView {
  private state: string;
  private told: string | null = null;
  private step: number;
  private readonly totalSteps: number | null;
  private readonly epochs: number;
  private trained: { loss: number; accuracy: number } | null = null;
  private readonly losses: number[] = [];
  private speed: number | null = null;
  private validation: number | null = null;
  private isBroken = false;

  constructor({ state, step, totalSteps, epochs }: Pick<RunDetail, 'state' | 'step' | 'totalSteps' | 'epochs'>) {
    this.state = state;
    this.step = isFinalRunState(state) ? step : 0;
    this.totalSteps = totalSteps;
    this.epochs = epochs;
  }

  /** Takes in an event; gives the lines that are to stay on screen. */
  take(event: RunStreamEvent): string[] {
    this.isBroken = false;
    switch (event.type) {
      case 'state': {
        // The service tells a state again when it learns more about it.
        if (event.state === this.told) return [];
        this.told = event.state;
        this.state = event.state;
        return [stateText(event.state, event.reason)];
      }
      case 'metrics':
        for (const { name, steps, values } of event.series) this.points(name, steps, values.map(Number));
        return [];
      case 'logs':
        return event.lines
          .filter(({ level }) => level === 'warning' || level === 'error')
          .map(({ level, source, text }) => `${level} ${source}: ${printable(text)}`);
      case 'event':
        return this.happened(event.kind, event.data);
      case 'end':
        return [];
    }
  }

  broken(): string[] {
    if (this.isBroken) return [];
    this.isBroken = true;
    return ['connection lost, trying again; the run goes on'];
  }

  /** The live line, no wider than `width`; `course` adds the course of the loss where there is room. */
  line(width: number, course = true): string {
    const total = this.totalSteps === null ? '' : `/${grouped(this.totalSteps)}`;
    const loss = this.losses.at(-1);
    const parts = [this.state, `step ${grouped(this.step)}${total}`];
    if (loss !== undefined) parts.push(`loss ${significant(loss)}`);
    if (this.validation !== null) parts.push(`test ${percent(this.validation)}`);
    if (this.speed !== null) parts.push(`${grouped(this.speed)} images/s`);
    const text = parts.join('  ');
    const room = Math.min(40, width - text.length - 2);
    return (!course || room < 5 || this.losses.length < 2 ? text : `${text}  ${sparkline(this.losses, room)}`).slice(
      0,
      width,
    );
  }

  private points(name: string, steps: readonly number[], values: readonly number[]): void {
    const value = values.at(-1);
    if (value === undefined) return;
    if (name === 'train/loss') {
      // A generation that goes back to a checkpoint begins after it.
      this.step = steps.at(-1) ?? this.step;
      this.losses.push(...values);
      if (this.losses.length > keptLosses) this.losses.splice(0, this.losses.length - keptLosses);
    }
    if (name === 'perf/samplesPerSecond') this.speed = value;
    if (name === 'val/accuracy') this.validation = value;
  }

  /** The line of an epoch, with the words of `lockstep train`. */
  private happened(kind: string, data: Readonly<Record<string, unknown>>): string[] {
    const { epoch, step, loss, accuracy, isBest } = data;
    if (typeof loss !== 'number' || typeof accuracy !== 'number' || typeof epoch !== 'number') return [];
    if (kind === 'epoch') this.trained = { loss, accuracy };
    if (kind !== 'validation') return [];
    const parts = [`epoch ${epoch + 1}/${this.epochs}`];
    if (typeof step === 'number') parts.push(`step ${grouped(step)}`);
    if (this.trained !== null)
      parts.push(`loss ${significant(this.trained.loss)}`, `accuracy ${percent(this.trained.accuracy)}`);
    parts.push(
      `test loss ${significant(loss)}`,
      `test accuracy ${percent(accuracy)}${isBest === true ? ' (best)' : ''}`,
    );
    if (this.speed !== null) parts.push(`${grouped(this.speed)} images/s`);
    return [parts.join('  ')];
  }
}

/** A state, with its reason where that says more. */
export function stateText(state: string, reason: string | null): string {
  return reason === null || reason === 'all-epochs' ? state : `${state} (${reason})`;
}

/** Text of others for a terminal: nothing in it can move the cursor or change a title. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '?');
}
