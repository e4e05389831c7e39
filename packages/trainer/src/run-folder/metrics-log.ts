import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { NumericClass } from '@lockstep/contracts';
import { folderError, replaceFile } from './run-folder.js';

/** One line of metrics.jsonl. `step` counts optimizer steps done; a row covers the steps since the row before it. */
export type MetricsRow = { generation: number; step: number } & (
  | { kind: 'generation'; workers: number; threads: number }
  | { kind: 'numeric-class'; numericClass: NumericClass }
  | {
      kind: 'train';
      epoch: number;
      steps: number;
      samples: number;
      loss: number;
      accuracy: number;
      learningRate: number;
      samplesPerSecond: number;
      seconds: number;
    }
  | { kind: 'epoch'; epoch: number; loss: number; accuracy: number }
  | {
      kind: 'validation';
      epoch: number;
      loss: number;
      accuracy: number;
      samples: number;
      isBest: boolean;
      seconds: number;
    }
  | { kind: 'checkpoint'; path: string }
);

/** Where a generation starts, as far as metrics are concerned. */
export interface MetricsPosition {
  step: number;
  epoch: number;
  /** The training steps of `epoch` are all done and it is being validated. */
  validating: boolean;
}

/** What a new generation writes again from `position` on is dropped, so that no row is missing and none is double. */
export function rowsBefore(rows: readonly MetricsRow[], position: MetricsPosition): MetricsRow[] {
  return rows.filter((row) => {
    if (row.kind === 'generation' || row.kind === 'numeric-class') return true;
    if (row.kind === 'validation') return row.epoch < position.epoch;
    if (row.kind === 'epoch')
      return row.epoch < position.epoch || (row.epoch === position.epoch && position.validating);
    return row.step <= position.step;
  });
}

/** The rows of a metrics file. A torn last line, left by a kill, is not a row. */
export function readMetrics(path: string): MetricsRow[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw folderError(path, cause);
  }
  const rows: MetricsRow[] = [];
  for (const line of text.split('\n')) {
    try {
      if (line !== '') rows.push(JSON.parse(line) as MetricsRow);
    } catch {
      break;
    }
  }
  return rows;
}

/**
 * Appends metrics. Rows are written at once, before the checkpoint that follows them is agreed, so that a resumed run
 * finds every row up to its checkpoint. Losing metrics to a full disk does not end a run: it is reported once.
 */
export class MetricsLog {
  private file: number | null = null;
  private broken = false;

  constructor(
    private readonly path: string,
    private readonly onProblem: (error: Error) => void,
  ) {}

  /** Begins a generation: drops what is superseded, then appends. */
  async begin(position: MetricsPosition, first: MetricsRow): Promise<void> {
    this.close();
    try {
      const kept = rowsBefore(readMetrics(this.path), position);
      await replaceFile(this.path, kept.map((row) => `${JSON.stringify(row)}\n`).join(''));
      this.file = openSync(this.path, 'a');
    } catch (cause) {
      throw folderError(this.path, cause);
    }
    this.append(first);
  }

  append(row: MetricsRow): void {
    if (this.file === null || this.broken) return;
    try {
      writeSync(this.file, `${JSON.stringify(row)}\n`);
    } catch (cause) {
      this.broken = true;
      this.onProblem(folderError(this.path, cause));
    }
  }

  close(): void {
    if (this.file !== null) closeSync(this.file);
    this.file = null;
  }
}
