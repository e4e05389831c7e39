import type { RankReport } from '@lockstep/contracts/workflows';

type ReportOf<S extends RankReport['status']> = Extract<RankReport, { status: S }>;
export type FinishedReport = ReportOf<'finished'>;

/** How a generation ended, for the run. */
export type Verdict =
  | { kind: 'finished'; report: FinishedReport }
  | { kind: 'failed'; code: string; message: string; node: string | null; step: number | null }
  | { kind: 'lost'; message: string; crashed: boolean; wasReady: boolean; unreachable: boolean };

export type Phase = 'starting' | 'ready' | 'delivering';

/**
 * What the ranks of one generation reported, and what that means. Ranks report; this decides: all finished with one
 * digest, a failure that any rank found, or a loss. Bad news waits for better for a moment: the rank that died says more
 * than the ones that miss it.
 */
export class Membership {
  private readonly reports: (RankReport | null)[];
  private readonly unreachable = new Map<number, string>();

  constructor(readonly worldSize: number) {
    this.reports = new Array<RankReport | null>(worldSize).fill(null);
  }

  report(rank: number, report: RankReport): void {
    const before = this.reports[rank];
    // A last word is not taken back.
    if (before && isLast(before)) return;
    this.reports[rank] = report;
    if (report.status === 'ready') this.readySeen.add(rank);
  }

  /** The rank's agent does not answer. */
  lose(rank: number, message: string): void {
    this.unreachable.set(rank, message);
  }

  private readonly readySeen = new Set<number>();

  isUnreachable(rank: number): boolean {
    return this.unreachable.has(rank);
  }

  get phase(): Phase {
    const all = (test: (report: RankReport) => boolean) =>
      this.reports.every((report) => report !== null && test(report));
    if (all((report) => report.status === 'delivering' || report.status === 'finished')) return 'delivering';
    return this.wasReady ? 'ready' : 'starting';
  }

  get wasReady(): boolean {
    return this.reports.every(
      (report, rank) => this.readySeen.has(rank) || report?.status === 'delivering' || report?.status === 'finished',
    );
  }

  /** Why the ranks are done, while they deliver. */
  get deliveringReason(): FinishedReport['reason'] | null {
    for (const report of this.reports) if (report?.status === 'delivering') return report.reason;
    return null;
  }

  /** Something ended otherwise than by finishing. */
  get isTroubled(): boolean {
    return (
      this.unreachable.size > 0 ||
      this.reports.some((report) => report && isLast(report) && report.status !== 'finished')
    );
  }

  /** No rank has anything more to say. */
  get isSpoken(): boolean {
    return this.reports.every((report, rank) => (report !== null && isLast(report)) || this.unreachable.has(rank));
  }

  /** What the generation came to as far as it is known now; null while it goes on. */
  verdict(): Verdict | null {
    if (this.isTroubled) return this.trouble();
    const finished = this.reports.filter((report): report is FinishedReport => report?.status === 'finished');
    const [first] = finished;
    if (first === undefined || finished.length < this.worldSize) return null;
    const differs = finished.some(
      (report) => report.stateDigest !== first.stateDigest || report.weightsDigest !== first.weightsDigest,
    );
    return differs ? diverged(finished) : { kind: 'finished', report: first };
  }

  private trouble(): Verdict {
    const failures = this.reports.filter((report): report is ReportOf<'failed'> => report?.status === 'failed');
    const failure = earliest(failures);
    if (failure) {
      const { code, message, node, step } = failure;
      return { kind: 'failed', code, message, node, step };
    }
    const losses = this.reports.filter((report): report is ReportOf<'lost'> => report?.status === 'lost');
    const certain = losses.find((report) => report.certain);
    const unreachable = [...this.unreachable.values()];
    const message = certain?.message ?? unreachable[0] ?? losses[0]?.message ?? 'A rank was stopped.';
    return {
      kind: 'lost',
      message,
      crashed: losses.some((report) => report.crashed),
      wasReady: this.wasReady,
      unreachable: unreachable.length > 0,
    };
  }
}

export function isLast(report: RankReport): boolean {
  return report.status !== 'starting' && report.status !== 'ready' && report.status !== 'delivering';
}

/** Of several reports the one about the earliest step, then about the earliest layer. */
function earliest(failures: readonly ReportOf<'failed'>[]): ReportOf<'failed'> | null {
  const order = ({ nodeOrder }: ReportOf<'failed'>): number =>
    nodeOrder === null || nodeOrder < 0 ? Number.MAX_SAFE_INTEGER : nodeOrder;
  const sorted = [...failures].sort((a, b) => (a.step ?? -1) - (b.step ?? -1) || order(a) - order(b));
  return sorted[0] ?? null;
}

function diverged(finished: readonly FinishedReport[]): Verdict {
  const digests = finished.map(({ stateDigest }, rank) => `rank ${rank}: ${stateDigest.slice(0, 12)}`).join(', ');
  const step = finished[0]?.step ?? null;
  return {
    kind: 'failed',
    code: 'numerics.diverged',
    message:
      `Expected the same state on every rank at the end (step ${step}), got ${digests}. A CPU or its memory may be ` +
      'faulty: run on other nodes. Checkpoints before this step were equal on all ranks.',
    node: null,
    step,
  };
}
