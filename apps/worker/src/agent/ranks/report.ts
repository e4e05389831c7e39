import type { RankReport, WatchTrainer } from '@lockstep/contracts';

const order = ['starting', 'ready', 'delivering'] as const;

/** What a rank is, and who waits for it to change. It only goes forward, and its last report stays. */
export class Report {
  current: RankReport = { status: 'starting' };
  private readonly waiting = new Set<() => void>();

  get isLast(): boolean {
    return !(order as readonly string[]).includes(this.current.status);
  }

  make(report: RankReport): void {
    if (this.isLast) return;
    this.current = report;
    for (const wake of [...this.waiting]) wake();
  }

  /** Resolves with the report once it is another than `seen`, after `ms` with what it is then. Rejects on abort. */
  async other(seen: WatchTrainer['seen'], ms: number, signal: AbortSignal): Promise<RankReport> {
    if (this.current.status !== seen) return this.current;
    await new Promise<void>((resolve, reject) => {
      const end = (settle: () => void) => () => {
        clearTimeout(timer);
        this.waiting.delete(wake);
        signal.removeEventListener('abort', aborted);
        settle();
      };
      const wake = end(resolve);
      const aborted = end(() => reject(signal.reason));
      const timer = setTimeout(wake, Math.min(ms, 2 ** 31 - 1));
      this.waiting.add(wake);
      signal.addEventListener('abort', aborted);
      if (signal.aborted) aborted();
    });
    return this.current;
  }
}
