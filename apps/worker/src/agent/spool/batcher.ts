import type { BatchBody, MetricNumber } from '@lockstep/contracts';

type Log = NonNullable<BatchBody['logs']>[number];
type Event = NonNullable<BatchBody['events']>[number];
type Progress = NonNullable<BatchBody['progress']>;

interface Series {
  name: string;
  labels: Record<string, string>;
  steps: number[];
  values: MetricNumber[];
}

export interface BatcherOptions {
  generation: number;
  /** Names the source within the run: generation and rank. */
  source: string;
  /** Writes a batch to the spool. */
  write: (body: BatchBody) => Promise<void>;
  onProblem: (error: unknown) => void;
}

/** How long rows wait for company: short enough for a live chart, long enough to spare requests. */
const windowMs = 500;
const fullAt = 500;

/** Gathers rows into batches. A batch is numbered when it is written to the spool, and never changes afterwards. */
export class Batcher {
  private series = new Map<string, Series>();
  private logs: Log[] = [];
  private events: Event[] = [];
  private progress: Progress | null = null;
  private rows = 0;
  private sequence = 0;
  private timer: NodeJS.Timeout | null = null;
  private writing: Promise<void> = Promise.resolve();

  constructor(private readonly options: BatcherOptions) {}

  point(name: string, step: number, value: number, labels: Readonly<Record<string, string>> = {}): void {
    const key = JSON.stringify([name, labels]);
    const series = this.series.get(key) ?? { name, labels: { ...labels }, steps: [], values: [] };
    this.series.set(key, series);
    series.steps.push(step);
    series.values.push(metricNumber(value));
    this.added();
  }

  event(event: Event): void {
    this.events.push(event);
    this.added();
  }

  log(line: Log): void {
    this.logs.push(line);
    this.added();
  }

  /** How far the run is; goes with the next batch. */
  reach(progress: Progress): void {
    this.progress = progress;
  }

  /** Resolves when everything that was given so far is in the spool. */
  flush(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    if (this.rows === 0) return this.writing;
    const body: BatchBody = {
      generation: this.options.generation,
      source: this.options.source,
      sequence: this.sequence++,
      points: [...this.series.values()],
      logs: this.logs,
      events: this.events,
      ...(this.progress ? { progress: this.progress } : {}),
    };
    this.series = new Map();
    this.logs = [];
    this.events = [];
    this.progress = null;
    this.rows = 0;
    this.writing = this.writing.then(() => this.options.write(body)).catch(this.options.onProblem);
    return this.writing;
  }

  private added(): void {
    this.rows += 1;
    if (this.rows >= fullAt) void this.flush();
    else this.timer ??= setTimeout(() => void this.flush(), windowMs);
  }
}

/** JSON has no word for numbers that are not finite. */
function metricNumber(value: number): MetricNumber {
  if (Number.isFinite(value)) return value;
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? 'Infinity' : '-Infinity';
}
