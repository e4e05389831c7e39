import type { WriteStream } from 'node:tty';
import type { RunEvent } from '@lockstep/trainer';
import type { TrainingView } from './training-view.js';

const redrawMs = 250;
const plainMs = 5000;
const clearLine = '\r\u001b[2K';

/** Shows training: one line redrawn at most four times a second on a terminal, plain lines elsewhere. */
export class ProgressPrinter {
  private drawnAt = Number.NEGATIVE_INFINITY;
  private isDrawn = false;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly stream: NodeJS.WriteStream | WriteStream,
    private readonly view: TrainingView,
    private readonly now: () => number,
  ) {}

  take(event: RunEvent): void {
    for (const line of this.view.take(event)) this.print(line);
    if (this.stream.isTTY) this.scheduleDraw();
    else if (event.type === 'progress' && this.now() - this.drawnAt >= plainMs) {
      this.drawnAt = this.now();
      this.stream.write(`${this.view.line(500)}\n`);
    }
  }

  /** A line that stays. */
  print(line: string): void {
    this.erase();
    this.stream.write(`${line}\n`);
  }

  /** Takes the live line away; nothing is drawn after it. */
  end(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.erase();
  }

  private scheduleDraw(): void {
    if (this.timer) return;
    const wait = Math.max(0, this.drawnAt + redrawMs - this.now());
    this.timer = setTimeout(() => this.draw(), wait);
  }

  private draw(): void {
    this.timer = null;
    this.drawnAt = this.now();
    this.isDrawn = true;
    // One column stays free: a full line would wrap on some terminals.
    this.stream.write(`${clearLine}${this.view.line((this.stream.columns || 80) - 1)}`);
  }

  private erase(): void {
    if (this.isDrawn) this.stream.write(clearLine);
    this.isDrawn = false;
  }
}
