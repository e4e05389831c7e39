import { randomBytes } from 'node:crypto';
import type { FromRankFrame, NumericClass, RendezvousValue, ResolvedSpec } from '@lockstep/contracts';
import { classConflict } from '../rendezvous/class-conflict.js';
import { DigestLedger, describeDigests } from './digest-ledger.js';
import { type RankEnd, RankProcess } from './rank-process.js';

type FrameOf<T extends FromRankFrame['type']> = Extract<FromRankFrame, { type: T }>;
export type FinishedFrame = FrameOf<'finished'>;

export interface GenerationOptions {
  generation: number;
  spec: ResolvedSpec;
  workers: number;
  threads: number;
  shards: { train: string | null; validation: string | null };
  checkpointDir: string | null;
  runDir: string;
  logs: string;
  deadlineMs: number;
  rankMain: string;
  environment: Record<string, string>;
  now: () => number;
  /** Frames that are for the run's owner: metrics, checkpoints, warnings. */
  onFrame: (frame: FromRankFrame) => void;
  /** The ranks are of one class; a sentence refuses it. */
  onNumericClass: (numericClass: NumericClass) => string | null;
  /** Every rank is ready to train. */
  onReady: () => void;
}

export type GenerationEnd =
  | { kind: 'finished'; frame: FinishedFrame }
  | { kind: 'lost'; message: string; crashed: boolean; wasReady: boolean }
  | { kind: 'failed'; code: string; message: string; node: string | null; step: number | null }
  | { kind: 'stopped-now' };

/** How long the first bad news waits for better: the rank that died says more than the ones that miss it. */
const graceMs = 300;
const exitMs = 5000;
/** Planning and compiling kernels is allowed to take longer than a collective. */
const startMs = 120_000;

/**
 * One membership of a run: its rank processes from start to end. It ends when all ranks have finished, or with the first
 * rank that fails, dies, hangs or disagrees. After `run` resolved no process of it is left.
 */
export class Generation {
  private readonly ranks: RankProcess[] = [];
  private readonly values: (RendezvousValue | null)[];
  private readonly finished: (FinishedFrame | null)[];
  private readonly ready = new Set<number>();
  /** Ranks that said why they end. */
  private readonly spoken = new Set<number>();
  private readonly failures: FrameOf<'failed'>[] = [];
  private readonly ledger: DigestLedger;
  private readonly nonce = randomBytes(16).toString('hex');
  private lost: { kind: 'lost'; message: string; crashed: boolean; certain: boolean } | null = null;
  private end: GenerationEnd | null = null;
  private grace: NodeJS.Timeout | null = null;
  private resolve: (end: GenerationEnd) => void = () => undefined;
  private lastTick: number;

  constructor(private readonly options: GenerationOptions) {
    this.values = new Array<RendezvousValue | null>(options.workers).fill(null);
    this.finished = new Array<FinishedFrame | null>(options.workers).fill(null);
    this.ledger = new DigestLedger(options.workers);
    this.lastTick = options.now();
  }

  async run(): Promise<GenerationEnd> {
    const ended = new Promise<GenerationEnd>((resolve) => {
      this.resolve = resolve;
    });
    for (let rank = 0; rank < this.options.workers; rank++) this.ranks.push(this.spawn(rank));
    const tickMs = Math.max(10, Math.min(500, this.options.deadlineMs / 10));
    const watch = setInterval(() => this.watch(tickMs), tickMs);
    const end = await ended;
    clearInterval(watch);
    await this.bury(end.kind === 'finished' ? exitMs : 0);
    return end;
  }

  /** Process ids by rank; null where a rank is gone. */
  get pids(): (number | null)[] {
    return this.ranks.map((rank) => (rank.closed ? null : rank.pid));
  }

  get isReady(): boolean {
    return this.ready.size === this.options.workers;
  }

  /** Asks for a checkpoint, then for the end. Rank 0 tells the others through the session, so that all stop at one step. */
  stop(): void {
    this.ranks[0]?.send({ type: 'control', generation: this.options.generation, action: 'stop' });
  }

  stopNow(): void {
    this.conclude({ kind: 'stopped-now' });
  }

  private spawn(rank: number): RankProcess {
    const { generation, rankMain, environment, logs, now } = this.options;
    return new RankProcess({
      rank,
      generation,
      rankMain,
      environment,
      logs,
      now,
      onFrame: (frame) => this.receive(rank, frame),
      onClosed: (end) => this.closed(rank, end),
    });
  }

  private receive(rank: number, frame: FromRankFrame): void {
    if (this.end) return;
    switch (frame.type) {
      case 'hello':
        this.start(rank);
        return;
      case 'rendezvous':
        this.meet(rank, frame.value);
        return;
      case 'ready':
        this.ready.add(rank);
        if (this.isReady) this.options.onReady();
        return;
      case 'heartbeat':
        return;
      case 'state-digest':
        this.compare(rank, frame);
        return;
      case 'finished':
        this.finished[rank] = frame;
        this.finish();
        return;
      case 'failed':
        this.spoken.add(rank);
        this.failures.push(frame);
        this.wait();
        return;
      case 'lost':
        this.spoken.add(rank);
        this.lose(frame.message, { crashed: false, certain: false });
        return;
      default:
        this.options.onFrame(frame);
    }
  }

  private start(rank: number): void {
    const { generation, spec, workers, threads, shards, checkpointDir, deadlineMs, runDir } = this.options;
    this.ranks[rank]?.send({
      type: 'start',
      generation,
      nonce: this.nonce,
      spec,
      rank,
      worldSize: workers,
      threads,
      shards,
      checkpointDir,
      deadlineMs,
      runDir,
    });
  }

  /** Collects what the ranks say before they connect, and refuses a rank whose CPU gives other bits. */
  private meet(rank: number, value: RendezvousValue): void {
    if (value.rank !== rank || value.nonce !== this.nonce) return;
    this.values[rank] = value;
    const values = this.values.filter((given) => given !== null);
    const [first] = values;
    if (values.length < this.options.workers || !first) return;
    const refusal = classConflict(values) ?? this.options.onNumericClass(first.numericClass);
    if (refusal !== null) {
      this.fail('numerics.class-refused', refusal, null);
      return;
    }
    for (const process of this.ranks) process.send({ type: 'rendezvous', generation: this.options.generation, values });
  }

  private compare(rank: number, frame: FrameOf<'state-digest'>): void {
    const { step, sequence } = frame;
    const verdict = this.ledger.record(sequence, rank, frame.digest);
    if (verdict === 'waiting') return;
    if (verdict !== 'agreed') {
      this.diverged(step, verdict.differing);
      return;
    }
    this.ranks[0]?.send({ type: 'checkpoint-agreed', generation: this.options.generation, step, sequence });
  }

  private finish(): void {
    const frames = this.finished.filter((frame) => frame !== null);
    const [first] = frames;
    if (frames.length < this.options.workers || !first) return;
    if (
      frames.some((frame) => frame.stateDigest !== first.stateDigest || frame.weightsDigest !== first.weightsDigest)
    ) {
      const digests = frames.map((frame) => frame.stateDigest);
      this.diverged(first.step, digests);
      return;
    }
    this.conclude({ kind: 'finished', frame: first });
  }

  private diverged(step: number, digests: readonly string[]): void {
    this.fail(
      'numerics.diverged',
      `Expected the same state on every rank after step ${step}, got ${describeDigests(digests)}. A CPU or its memory may ` +
        'be faulty: run on another machine, and keep this run folder. Checkpoints before this step were equal on all ranks.',
      step,
    );
  }

  private fail(code: string, message: string, step: number | null): void {
    this.conclude({ kind: 'failed', code, message, node: null, step });
  }

  private closed(rank: number, end: RankEnd): void {
    if (this.end) return;
    if (this.finished[rank]) return;
    // A rank that reported why it ends is not a second loss.
    if (!this.spoken.has(rank)) this.lose(`Rank ${rank} ${end.description}.`, { crashed: end.crashed, certain: true });
    else this.wait();
    if (this.ranks.every((process) => process.closed)) this.settle();
  }

  private lose(message: string, { crashed, certain }: { crashed: boolean; certain: boolean }): void {
    if (this.lost === null || (certain && !this.lost.certain)) this.lost = { kind: 'lost', message, crashed, certain };
    this.wait();
  }

  private wait(): void {
    if (this.failures.length === this.options.workers) this.settle();
    else this.grace ??= setTimeout(() => this.settle(), graceMs);
  }

  /** Decides what the bad news means: a failure that a rank reported counts more than the ranks that were lost by it. */
  private settle(): void {
    if (this.end) return;
    const failure = earliest(this.failures);
    if (failure) {
      const { code, message, node = null, step = null } = failure;
      this.conclude({ kind: 'failed', code, message, node, step });
    } else if (this.lost) {
      const { certain, message, crashed } = this.lost;
      const told = certain ? message : `${this.silentRanks()}${message}`;
      this.conclude({ kind: 'lost', message: told, crashed, wasReady: this.isReady });
    }
  }

  private silentRanks(): string {
    const now = this.options.now();
    const silent = this.ranks.filter((rank) => !rank.closed && now - rank.lastSeen > this.options.deadlineMs / 2);
    return silent.map((process) => `Rank ${process.rank} stopped answering. `).join('');
  }

  private watch(tickMs: number): void {
    const now = this.options.now();
    // This process was stopped or starved itself: what it did not hear meanwhile proves nothing.
    if (now - this.lastTick > tickMs + this.options.deadlineMs / 2) for (const rank of this.ranks) rank.lastSeen = now;
    this.lastTick = now;
    if (this.end) return;
    for (const process of this.ranks) {
      const allowedMs = this.isReady ? this.options.deadlineMs : Math.max(this.options.deadlineMs, startMs);
      if (process.closed || this.finished[process.rank] || now - process.lastSeen <= allowedMs) continue;
      const seconds = (allowedMs / 1000).toFixed(1);
      this.lose(`Rank ${process.rank} gave no sign of life for ${seconds} s.`, { crashed: false, certain: true });
    }
  }

  private conclude(end: GenerationEnd): void {
    if (this.end) return;
    this.end = end;
    if (this.grace) clearTimeout(this.grace);
    this.resolve(end);
  }

  /** Waits for the processes to end by themselves for a while, then ends them. */
  private async bury(patienceMs: number): Promise<void> {
    const kill = () => {
      for (const rank of this.ranks) if (!rank.closed) rank.kill();
    };
    const timer = patienceMs > 0 ? setTimeout(kill, patienceMs) : null;
    if (timer === null) kill();
    await Promise.all(this.ranks.map((rank) => rank.whenClosed));
    if (timer) clearTimeout(timer);
  }
}

/** Of several reports the one about the earliest step, then about the earliest layer. */
function earliest(failures: readonly FrameOf<'failed'>[]): FrameOf<'failed'> | null {
  const order = (frame: FrameOf<'failed'>): number =>
    frame.nodeOrder === undefined || frame.nodeOrder < 0 ? Number.MAX_SAFE_INTEGER : frame.nodeOrder;
  const sorted = [...failures].sort((a, b) => (a.step ?? -1) - (b.step ?? -1) || order(a) - order(b));
  return sorted[0] ?? null;
}
