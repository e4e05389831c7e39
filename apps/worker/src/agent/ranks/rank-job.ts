import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import {
  type FromRankFrame,
  type GenerationResponse,
  isLockstepError,
  type RankRef,
  type RankReport,
  type RecordCheckpointBody,
} from '@lockstep/contracts';
import { type RankEnd, RankProcess, rankEnvironment } from '@lockstep/trainer';
import { NodeApiError } from '../api/node-api-error.js';
import type { NodeClient } from '../api/node-client.js';
import { BlobCache } from '../checkpoints/blob-cache.js';
import { fetchCheckpoint } from '../checkpoints/fetch-checkpoint.js';
import { keepCheckpoint, sendBlobs } from '../checkpoints/send-checkpoint.js';
import type { AgentFolders } from '../folders.js';
import { Batcher } from '../spool/batcher.js';
import type { Spool } from '../spool/spool.js';
import type { Datasets } from './datasets.js';
import { agree, meet } from './exchange.js';
import { LogTail } from './log-tail.js';
import { Report } from './report.js';
import { Telemetry } from './telemetry.js';

type FrameOf<T extends FromRankFrame['type']> = Extract<FromRankFrame, { type: T }>;

export interface RankJobOptions {
  ref: RankRef;
  deadlineMs: number;
  api: NodeClient;
  folders: AgentFolders;
  datasets: Datasets;
  openSpool: (onStale: () => void) => Promise<Spool>;
  rankMain: string;
  environment: Readonly<Record<string, string>>;
  /** Monotonic milliseconds. */
  now: () => number;
  /** Wall clock, ISO 8601. */
  clock: () => string;
  log: (line: string) => void;
}

interface Start {
  generation: GenerationResponse;
  shards: { train: string; validation: string };
  checkpointDir: string | null;
}

/** Planning, compiling kernels and meeting the others may take longer than a collective. */
const startMs = 120_000;
/** How long a rank that has finished may take to end by itself. */
const exitMs = 5000;
/** How long the last delivery goes without being worth a word. */
const quietDeliveryMs = 1500;
/** How long a rank that is to end may still deliver a checkpoint that it has finished. */
const lastDeliveryMs = 3000;
/** Checkpoints whose files are kept on this node. */
const keptCheckpoints = 2;
/** How long metrics of a failed rank are waited for. */
const failureDeliveryMs = 5000;

/**
 * One rank of one generation on this node: its process from start to end, its meeting with the others over the node API,
 * and everything that it has to say. Whatever happens, no process is left when it has ended.
 */
export class RankJob {
  readonly report: Report;
  private process: RankProcess | null = null;
  /** Ends what the living process needs. */
  private readonly abort = new AbortController();
  /** Ends what is still to be delivered. */
  private readonly forgotten = new AbortController();
  private readonly cache: BlobCache;
  private spool: Spool | null = null;
  private telemetry: Telemetry | null = null;
  private batcher: Batcher | null = null;
  private tail: LogTail | null = null;
  private tick: NodeJS.Timeout | null = null;
  private exitTimer: NodeJS.Timeout | null = null;
  private lastTick = 0;
  private begun = false;
  private saidHello = false;
  private startFrame: Start | null = null;
  private stepsDone = 0;
  private finishedFrame: FrameOf<'finished'> | null = null;
  private readonly uploads = new Set<Promise<void>>();
  private readonly sending = new Set<RecordCheckpointBody>();
  /** The newest that are stored; their files stay here for the next generation. */
  private sent: RecordCheckpointBody[] = [];
  /** Why the process is being ended; decides what it is reported as. */
  private verdict: RankReport | null = null;
  private resolveGone: () => void = () => undefined;
  /** Resolves when the process is gone and its last report is made. */
  readonly gone: Promise<void>;

  constructor(private readonly options: RankJobOptions) {
    this.report = new Report();
    this.cache = new BlobCache(options.folders.blobs(options.ref.runId));
    this.gone = new Promise((resolve) => {
      this.resolveGone = resolve;
    });
  }

  get ref(): RankRef {
    return this.options.ref;
  }

  get step(): number {
    return this.stepsDone;
  }

  get isGone(): boolean {
    return this.report.isLast;
  }

  get pid(): number | null {
    return this.process && !this.process.closed ? this.process.pid : null;
  }

  start(): void {
    if (this.begun) return;
    this.begun = true;
    void this.begin().catch((error: unknown) => this.trouble(error));
  }

  /** `checkpoint` asks rank 0, which tells the others through the session. Resolves when it was asked, or is gone. */
  async stop(how: 'checkpoint' | 'now'): Promise<void> {
    if (how === 'checkpoint') {
      if (this.finishedFrame || this.isGone) return;
      if (this.report.current.status === 'ready') {
        this.process?.send({ type: 'control', generation: this.ref.generation, action: 'stop' });
        return;
      }
    }
    this.end({ status: 'stopped' });
    await this.gone;
    await this.settle(lastDeliveryMs);
  }

  /** Ends the process because its agent ends. */
  async abandon(): Promise<void> {
    this.end(lost(`The agent of rank ${this.ref.rank} was stopped.`, { crashed: false, certain: true }));
    await this.gone;
  }

  /** Forgets the files of this rank. What was not delivered is lost. */
  async dispose(): Promise<void> {
    this.forgotten.abort();
    await this.spool?.discard();
    await rm(this.options.folders.rank(this.ref), { recursive: true, force: true });
  }

  /** Ends sending; what was not delivered stays on disk. */
  async close(): Promise<void> {
    this.forgotten.abort();
    await this.spool?.close();
  }

  private async begin(): Promise<void> {
    const { ref, api, folders, openSpool } = this.options;
    const { signal } = this.abort;
    const folder = folders.rank(ref);
    await mkdir(join(folder, 'logs'), { recursive: true });
    this.spool = await openSpool(() => this.fenced());
    if (signal.aborted) return;
    // The process gets ready while the rest is fetched.
    this.spawn(folder);
    const generation = await api.persist('getGeneration', {
      params: { runId: ref.runId, generation: ref.generation },
      signal,
    });
    this.listen(generation);
    const [shards, checkpointDir] = await Promise.all([
      this.options.datasets.of(generation.spec),
      this.checkpoint(generation, join(folder, 'origin')),
    ]);
    this.startFrame = { generation, shards, checkpointDir };
    this.startRank();
  }

  private spawn(folder: string): void {
    const { ref, rankMain, environment, now } = this.options;
    const logs = join(folder, 'logs');
    this.tail = new LogTail(join(logs, `generation-${ref.generation}-rank-${ref.rank}.log`));
    this.process = new RankProcess({
      rank: ref.rank,
      generation: ref.generation,
      rankMain,
      environment: rankEnvironment(environment),
      logs,
      now,
      onFrame: (frame) => this.receive(frame),
      onClosed: (end) => void this.closed(end),
    });
    this.lastTick = now();
    const tickMs = Math.max(10, Math.min(500, this.options.deadlineMs / 10));
    this.tick = setInterval(() => this.watch(tickMs), tickMs);
  }

  private listen({ spec, threads, worldSize }: GenerationResponse): void {
    const { ref, clock, log } = this.options;
    this.batcher = new Batcher({
      generation: ref.generation,
      source: `g${ref.generation}-rank-${ref.rank}`,
      write: async (body) => this.spool?.append({ kind: 'batch', body }),
      onProblem: (error) => log(`metrics of ${named(ref)} are lost: ${String(error)}`),
    });
    this.telemetry = new Telemetry(spec, threads * worldSize, this.batcher, clock);
  }

  private async checkpoint({ checkpoint }: GenerationResponse, folder: string): Promise<string | null> {
    if (checkpoint === null) return null;
    const { api } = this.options;
    await fetchCheckpoint(checkpoint, folder, { api, cache: this.cache, signal: this.abort.signal });
    return folder;
  }

  private startRank(): void {
    if (!this.startFrame || !this.saidHello) return;
    const { generation, shards, checkpointDir } = this.startFrame;
    const { ref, deadlineMs, folders } = this.options;
    this.process?.send({
      type: 'start',
      generation: ref.generation,
      nonce: generation.nonce,
      spec: generation.spec,
      rank: ref.rank,
      worldSize: generation.worldSize,
      threads: generation.threads,
      shards,
      checkpointDir,
      deadlineMs,
      runDir: folders.rank(ref),
    });
  }

  private receive(frame: FromRankFrame): void {
    if (this.verdict) return;
    switch (frame.type) {
      case 'hello':
        this.saidHello = true;
        this.startRank();
        return;
      case 'rendezvous':
        void this.meet(frame);
        return;
      case 'ready':
        this.report.make({ status: 'ready' });
        this.telemetry?.event('rank-ready', null, { rank: this.ref.rank, secondsToReady: frame.secondsToReady });
        return;
      case 'state-digest':
        void this.agree(frame);
        return;
      case 'checkpoint':
        this.upload(frame);
        return;
      case 'finished':
        this.finishedFrame = frame;
        this.exitTimer = setTimeout(() => this.process?.kill(), exitMs);
        return;
      case 'failed': {
        const { code, message, node = null, nodeOrder = null, step = null } = frame;
        this.end({ status: 'failed', code, message, node, nodeOrder, step });
        return;
      }
      case 'lost':
        this.end(lost(frame.message, { crashed: false, certain: false }));
        return;
      case 'heartbeat':
        this.telemetry?.pace(this.ref.rank, frame);
        return;
      default:
        if ('step' in frame) this.stepsDone = frame.step;
        this.telemetry?.take(frame);
    }
  }

  private async meet(frame: FrameOf<'rendezvous'>): Promise<void> {
    try {
      const values = await meet(this.exchange(), frame.value);
      this.process?.send({ type: 'rendezvous', generation: this.ref.generation, values });
    } catch (error) {
      this.trouble(error);
    }
  }

  /** Every rank tells its digest; only rank 0 waits, because it writes the manifest. */
  private async agree({ sequence, step, digest }: FrameOf<'state-digest'>): Promise<void> {
    const isLeader = this.ref.rank === 0;
    try {
      await agree(this.exchange(), { sequence, step, digest }, isLeader);
      if (!isLeader) return;
      const { generation } = this.ref;
      this.process?.send({ type: 'checkpoint-agreed', generation, step, sequence });
    } catch (error) {
      this.trouble(error);
    }
  }

  private exchange() {
    return { api: this.options.api, ref: this.ref, signal: this.abort.signal };
  }

  private upload({ path, step }: FrameOf<'checkpoint'>): void {
    const upload = this.store(path).catch((error: unknown) => {
      if (this.forgotten.signal.aborted) return;
      const message = `The checkpoint of step ${step} could not be stored: ${error instanceof Error ? error.message : String(error)}`;
      this.options.log(message);
      this.telemetry?.event('warning', step, { code: 'infrastructure.disk', message });
    });
    this.uploads.add(upload);
    void upload.finally(() => this.uploads.delete(upload));
  }

  private async store(path: string): Promise<void> {
    const checkpoint: RecordCheckpointBody = await keepCheckpoint(path, this.cache);
    this.sending.add(checkpoint);
    // Rows that belong before the checkpoint are in the spool before it.
    await this.batcher?.flush();
    const { api } = this.options;
    await sendBlobs(checkpoint, { api, cache: this.cache, signal: this.forgotten.signal });
    await this.spool?.append({ kind: 'checkpoint', body: checkpoint });
    this.sending.delete(checkpoint);
    this.sent = [...this.sent, checkpoint].slice(-keptCheckpoints);
    // Files of a checkpoint that is only now being kept are not known yet.
    if (this.uploads.size > 1) return;
    const wanted = [...this.sent, ...this.sending].flatMap(({ files }) => files.map(({ sha256 }) => sha256));
    await this.cache.prune(new Set(wanted));
  }

  private watch(tickMs: number): void {
    const { now, deadlineMs } = this.options;
    const process = this.process;
    if (!process || process.closed) return;
    const time = now();
    // This process was stopped or starved itself: what it did not hear meanwhile proves nothing.
    if (time - this.lastTick > tickMs + deadlineMs / 2) process.lastSeen = time;
    this.lastTick = time;
    for (const line of this.tail?.read() ?? []) this.telemetry?.log('info', line);
    const isReady = this.report.current.status === 'ready';
    const allowedMs = isReady ? deadlineMs : Math.max(deadlineMs, startMs);
    if (this.finishedFrame || time - process.lastSeen <= allowedMs) return;
    const seconds = (allowedMs / 1000).toFixed(1);
    this.end(lost(`Rank ${this.ref.rank} gave no sign of life for ${seconds} s.`, { crashed: false, certain: true }));
  }

  /** Something outside of the process failed that the rank needs. */
  private trouble(error: unknown): void {
    if (this.abort.signal.aborted) return;
    if (error instanceof NodeApiError) {
      if (error.isStale) this.fenced();
      else
        this.end(
          lost(`The node API refused rank ${this.ref.rank}: ${error.message}`, { crashed: false, certain: true }),
        );
      return;
    }
    if (isLockstepError(error)) {
      const { code, message, node = null, step = null } = error;
      // A disk of this node says nothing about other nodes.
      if (code.startsWith('infrastructure.')) this.end(lost(message, { crashed: false, certain: true }));
      else this.end({ status: 'failed', code, message, node, nodeOrder: null, step });
      return;
    }
    const message = error instanceof Error ? error.message : String(error);
    this.options.log(`${named(this.ref)}: ${error instanceof Error ? (error.stack ?? message) : message}`);
    this.end(lost(`The agent of rank ${this.ref.rank} failed: ${message}`, { crashed: true, certain: true }));
  }

  private fenced(): void {
    this.forgotten.abort();
    this.end(lost('This generation is over.', { crashed: false, certain: false }));
  }

  /** Ends the process, with what it will be reported as. The first reason counts. */
  private end(verdict: RankReport): void {
    if (this.verdict || this.report.isLast) return;
    this.verdict = verdict;
    this.abort.abort();
    if (this.process && !this.process.closed) this.process.kill();
    else void this.conclude(verdict);
  }

  private async closed(end: RankEnd): Promise<void> {
    if (this.tick) clearInterval(this.tick);
    if (this.exitTimer) clearTimeout(this.exitTimer);
    for (const line of this.tail?.read(true) ?? []) this.telemetry?.log('info', line);
    if (this.verdict) return this.conclude(this.verdict);
    if (this.finishedFrame) return this.deliver(this.finishedFrame);
    this.verdict = lost(`Rank ${this.ref.rank} ${end.description}.`, { crashed: end.crashed, certain: true });
    this.abort.abort();
    return this.conclude(this.verdict);
  }

  /** A rank that finished has finished for the run when the server has everything. */
  private async deliver(frame: FrameOf<'finished'>): Promise<void> {
    const { step, epoch, reason, testLoss, testAccuracy, weightsDigest, stateDigest } = frame;
    const result = { step, epoch, reason, testLoss, testAccuracy, weightsDigest, stateDigest };
    const slow = setTimeout(() => this.report.make({ status: 'delivering', reason }), quietDeliveryMs);
    await Promise.all(this.uploads);
    await this.batcher?.flush();
    await this.spool?.append({ kind: 'result', body: { kind: 'finished', rank: this.ref.rank, ...result } });
    await this.spool?.delivered(Number.POSITIVE_INFINITY);
    clearTimeout(slow);
    if (this.verdict) return;
    await this.conclude({ status: 'finished', ...result });
  }

  private async conclude(report: RankReport): Promise<void> {
    if (report.status === 'failed') {
      const { code, message, node, step } = report;
      this.telemetry?.log('error', message);
      await this.batcher?.flush();
      await this.spool?.append({
        kind: 'result',
        body: { kind: 'failed', rank: this.ref.rank, code, message, node, step },
      });
      await this.spool?.delivered(failureDeliveryMs);
    }
    this.report.make(report);
    this.resolveGone();
    if (report.status === 'lost') {
      if (report.certain) this.telemetry?.log('warning', report.message);
      await this.batcher?.flush();
    }
  }

  /** Gives checkpoints that are complete a moment to reach the server: the next generation starts from them. */
  private async settle(ms: number): Promise<void> {
    const deadline = wait(ms, undefined, { ref: false });
    await Promise.race([Promise.all(this.uploads), deadline]);
    await this.batcher?.flush();
    await Promise.race([this.spool?.delivered(ms), deadline]);
  }
}

function lost(message: string, { crashed, certain }: { crashed: boolean; certain: boolean }): RankReport {
  return { status: 'lost', message: message.slice(0, 16_384), crashed, certain };
}

function named({ runId, generation, rank }: RankRef): string {
  return `rank ${rank} of generation ${generation} of ${runId}`;
}
