const mostLosses = 20;
const mostUnlikely = 4;
const longestDelayMs = 5000;

/** How a generation was lost. */
export interface Loss {
  /** A rank ended by its own fault. */
  crashed: boolean;
  /** All ranks had become ready to train. */
  wasReady: boolean;
}

/**
 * How often a run may lose ranks without getting further. A rank that was killed or hung in training says little about
 * the next try; one that crashed by itself, or never got ready, will most likely do so again.
 */
export class RestartPolicy {
  private losses = 0;
  private unlikely = 0;

  /** A checkpoint was written: the run gets further. */
  progressed(): void {
    this.losses = 0;
    this.unlikely = 0;
  }

  /** Takes in a lost generation. Gives the milliseconds to wait before the next one, or null to give up. */
  lost({ crashed, wasReady }: Loss): number | null {
    this.losses += 1;
    if (crashed || !wasReady) this.unlikely += 1;
    if (this.losses >= mostLosses || this.unlikely >= mostUnlikely) return null;
    return this.losses === 1 ? 0 : Math.min(longestDelayMs, 125 * 2 ** this.losses);
  }
}
