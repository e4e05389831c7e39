const redrawMs = 250;
const plainMs = 5000;
const clearLine = '\r\u001b[2K';

/** A line that is redrawn at most four times a second on a terminal; elsewhere a line every five seconds. */
export class LiveLine {
  private drawnAt = Number.NEGATIVE_INFINITY;
  private isDrawn = false;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly stream: NodeJS.WriteStream,
    private readonly text: (width: number) => string,
    private readonly now: () => number,
  ) {}

  /** A line that stays. */
  print(line: string): void {
    this.erase();
    this.stream.write(`${line}\n`);
  }

  /** There is something new to show. */
  update(): void {
    if (!this.stream.isTTY) {
      if (this.now() - this.drawnAt < plainMs) return;
      this.drawnAt = this.now();
      this.stream.write(`${this.text(500)}\n`);
    } else if (this.timer === null) {
      this.timer = setTimeout(() => this.draw(), Math.max(0, this.drawnAt + redrawMs - this.now()));
    }
  }

  /** Takes the line away; nothing is drawn after it. */
  end(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.erase();
  }

  private draw(): void {
    this.timer = null;
    this.drawnAt = this.now();
    this.isDrawn = true;
    // One column stays free: a full line would wrap on some terminals.
    this.stream.write(`${clearLine}${this.text((this.stream.columns || 80) - 1)}`);
  }

  private erase(): void {
    if (this.isDrawn) this.stream.write(clearLine);
    this.isDrawn = false;
  }
}
