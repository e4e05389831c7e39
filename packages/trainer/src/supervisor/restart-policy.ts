const mostLosses = 20;
const mostCrashes = 3;
const longestDelayMs = 5000;

/**
 * How often a run may lose ranks without getting further. A rank that was killed or hung says little about the next try;
 * one that crashed by itself will most likely crash again.
 */
export class RestartPolicy {
  private losses = 0;
  private crashes = 0;

  /** A checkpoint newer than the one before was written: the run gets further. */
  progressed(): void {
    this.losses = 0;
    this.crashes = 0;
  }

  /** Takes in a lost generation. Gives the milliseconds to wait before the next one, or null to give up. */
  lost(crashed: boolean): number | null {
    this.losses += 1;
    if (crashed) this.crashes += 1;
    if (this.losses >= mostLosses || this.crashes >= mostCrashes) return null;
    return this.losses === 1 ? 0 : Math.min(longestDelayMs, 125 * 2 ** this.losses);
  }
}
