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
  private readonly losses: number[] = [];
  private speed: number | null = null;
  private validation: number | null = null;
  private isBroken = false;

  constructor({ state, step, totalSteps }: Pick<RunDetail, 'state' | 'step' | 'totalSteps'>) {
    this.state = state;
    this.step = isFinalRunState(state) ? step : 0;
    this.totalSteps = totalSteps;
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
        return [`${event.state}${event.reason === null ? '' : ` (${event.reason})`}`];
      }
      case 'metrics':
        return event.series.flatMap(({ name, steps, values }) => this.points(name, steps, values.map(Number)));
      case 'logs':
        return event.lines
          .filter(({ level }) => level === 'warning' || level === 'error')
          .map(({ level, source, text }) => `${level} ${source}: ${printable(text)}`);
      case 'event':
      case 'end':
        return [];
    }
  }

  broken(): string[] {
    if (this.isBroken) return [];
    this.isBroken = true;
    return ['connection lost, trying again; the run goes on'];
  }

  line(width: number): string {
    const total = this.totalSteps === null ? '' : `/${grouped(this.totalSteps)}`;
    const loss = this.losses.at(-1);
    const parts = [this.state, `step ${grouped(this.step)}${total}`];
    if (loss !== undefined) parts.push(`loss ${significant(loss)}`);
    if (this.validation !== null) parts.push(`val ${percent(this.validation)}`);
    if (this.speed !== null) parts.push(`${grouped(this.speed)}/s`);
    const text = parts.join('  ');
    const room = Math.min(40, width - text.length - 2);
    return (room < 5 || this.losses.length < 2 ? text : `${text}  ${sparkline(this.losses, room)}`).slice(0, width);
  }

  private points(name: string, steps: readonly number[], values: readonly number[]): string[] {
    const value = values.at(-1);
    if (value === undefined) return [];
    if (name === 'train/loss') {
      // A generation that goes back to a checkpoint begins after it.
      this.step = steps.at(-1) ?? this.step;
      this.losses.push(...values);
      if (this.losses.length > keptLosses) this.losses.splice(0, this.losses.length - keptLosses);
    }
    if (name === 'perf/samplesPerSecond') this.speed = value;
    if (name !== 'val/accuracy') return [];
    this.validation = value;
    return [`step ${grouped(steps.at(-1) ?? this.step)}  validation accuracy ${percent(value)}`];
  }
}

/** Text of others for a terminal: nothing in it can move the cursor or change a title. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '?');
}
