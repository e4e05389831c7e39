const targetSeconds = 0.15;
const largestBurst = 4096;
const growth = 4;

/**
 * Chooses how many steps one native call runs: about 150 ms' worth, so that the event loop hears from the kernels
 * several times a second without paying for a crossing at every step. Where a burst ends never changes any bit.
 */
export class BurstSizer {
  private steps = 1;

  next(limit: number): number {
    return Math.max(1, Math.min(this.steps, limit));
  }

  /** Takes in what a burst cost. The size grows by at most four times at once: the first steps are the slowest. */
  measured(steps: number, seconds: number): void {
    if (steps < 1) return;
    const wanted = seconds > 0 ? Math.floor((targetSeconds * steps) / seconds) : largestBurst;
    this.steps = Math.max(1, Math.min(wanted, this.steps * growth, largestBurst));
  }
}
