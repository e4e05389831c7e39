import { mkdir } from 'node:fs/promises';
import {
  type FromRankFrame,
  isLockstepError,
  type NumericClass,
  type ReasonCode,
  type ResolvedSpec,
  type RunState,
  reasonOf,
} from '@lockstep/contracts';
import { initialTrainState, parseTrainState, type TrainState } from '@lockstep/engine/train';
import { CheckpointStore } from '../checkpoints/checkpoint-store.js';
import { rankEnvironment } from '../env.js';
import { classDifference } from '../rendezvous/class-conflict.js';
import { MetricsLog, type MetricsRow, readMetrics } from '../run-folder/metrics-log.js';
import { rowOfFrame } from '../run-folder/row-of-frame.js';
import { folderError, RunFolder } from '../run-folder/run-folder.js';
import { takeRunLock } from '../run-folder/run-lock.js';
import { Generation, type GenerationEnd } from './generation.js';
import { rankMainPath } from './rank-process.js';
import { RestartPolicy } from './restart-policy.js';
import type { RunEvent } from './run-events.js';
import type { RunFailure, RunSummary } from './run-summary.js';
import { Throughput } from './throughput.js';

export interface SuperviseOptions {
  spec: ResolvedSpec;
  /** The spec's text as it was written; kept beside the resolved one. Null when a run is resumed. */
  requestedText: string | null;
  runDir: string;
  /** Continue the run in `runDir` from its newest valid checkpoint. */
  resume: boolean;
  workers: number;
  /** Threads of each rank. */
  threads: number;
  shards: { train: string | null; validation: string | null };
  /** How long a rank may be silent, and a collective may wait. */
  deadlineMs: number;
  /** Monotonic milliseconds since the command began. */
  now: () => number;
  onEvent: (event: RunEvent) => void;
  /** Program of a rank; tests bring their own. */
  rankMain?: string;
  /** Added to the allow-listed environment of ranks. */
  environment?: Readonly<Record<string, string>>;
}

export interface SupervisedRun {
  /** Resolves when the run has ended and no process of it is left. Rejects only for what is wrong before it starts. */
  finished: Promise<RunSummary>;
  /** Checkpoint, then end. */
  stop(): void;
  /** End at once. */
  stopNow(): void;
  /** Process ids by rank; empty between generations. */
  pids(): (number | null)[];
}

/**
 * Runs a spec on this machine to its end: forms generations of rank processes, restarts from the last valid checkpoint
 * when one is lost, keeps metrics and summary. It owns the run's state; ranks only report.
 */
export function superviseRun(options: SuperviseOptions): SupervisedRun {
  const supervisor = new Supervisor(options);
  return {
    finished: supervisor.run(),
    stop: () => supervisor.stop(),
    stopNow: () => supervisor.stopNow(),
    pids: () => supervisor.pids(),
  };
}

interface Origin {
  checkpointDir: string | null;
  state: TrainState;
}

class Supervisor {
  private readonly folder: RunFolder;
  private readonly store: CheckpointStore;
  private readonly metrics: MetricsLog;
  private readonly policy = new RestartPolicy();
  private readonly throughput = new Throughput();
  private generation: Generation | null = null;
  private generationNumber = 0;
  /** Number of the generation before the first one of this process. */
  private lastGenerationBefore = 0;
  private numericClass: NumericClass | null = null;
  private state: RunState = 'starting';
  private stopping: 'no' | 'after-checkpoint' | 'now' = 'no';
  private wake: () => void = () => undefined;
  private secondsToFirstStep: number | null = null;
  /** Codes of warnings since the last checkpoint. */
  private readonly told = new Set<string>();
  private steps = 0;
  private lastValidation: { loss: number; accuracy: number } | null = null;

  constructor(private readonly options: SuperviseOptions) {
    this.folder = new RunFolder(options.runDir);
    this.store = new CheckpointStore(options.runDir);
    this.metrics = new MetricsLog(this.folder.metrics, (error) =>
      this.warn(`Metrics are lost from here on: ${error.message}`),
    );
  }

  async run(): Promise<RunSummary> {
    const { spec, requestedText, resume, runDir } = this.options;
    if (!resume) await this.folder.create(spec, requestedText);
    await mkdir(this.folder.logs, { recursive: true }).catch((cause: unknown) => {
      throw folderError(runDir, cause);
    });
    const lock = await takeRunLock(this.folder.lock);
    try {
      this.recall(readMetrics(this.folder.metrics));
      this.lastGenerationBefore = this.generationNumber;
      const summary = await this.generations().catch((error: unknown) => this.failedHere(error));
      await this.folder.writeSummary(summary).catch((error: Error) => this.warn(error.message));
      return summary;
    } finally {
      this.metrics.close();
      await lock.release();
    }
  }

  stop(): void {
    if (this.stopping !== 'no') return;
    this.stopping = 'after-checkpoint';
    this.become('stopping', 'user');
    // A generation that is not ready has nothing that is not in its checkpoint already.
    if (this.generation?.isReady) this.generation.stop();
    else this.generation?.stopNow();
    this.wake();
  }

  stopNow(): void {
    this.stopping = 'now';
    this.become('stopping', 'user');
    this.generation?.stopNow();
    this.wake();
  }

  pids(): (number | null)[] {
    return this.generation?.pids ?? [];
  }

  private async generations(): Promise<RunSummary> {
    for (;;) {
      const origin = await this.origin();
      if (this.stopping !== 'no') return this.cancelled();
      const end = await this.oneGeneration(origin);
      if (end.kind === 'finished') {
        const { reason, step, testAccuracy, testLoss, weightsDigest, stateDigest } = end.frame;
        this.steps = step;
        const state = reason === 'user' ? 'cancelled' : 'completed';
        return this.summary(state, reason, { testAccuracy, testLoss, weightsDigest, stateDigest });
      }
      if (end.kind === 'failed') return this.failed(end);
      if (this.stopping !== 'no' || end.kind === 'stopped-now') return this.cancelled();
      const failure = await this.prepareNext(end);
      if (failure) return this.failed(failure);
    }
  }

  private async oneGeneration(origin: Origin): Promise<GenerationEnd> {
    const { spec, workers, threads, shards, deadlineMs, now, runDir } = this.options;
    this.generationNumber += 1;
    const generation = this.generationNumber;
    const { step, epoch, phase } = origin.state;
    this.steps = step;
    this.lastValidation = origin.state.lastValidation;
    this.become('starting', null);
    this.options.onEvent({ type: 'generation', generation, step, workers, threads });
    await this.metrics.begin(
      { step, epoch, validating: phase === 'validate' },
      { kind: 'generation', generation, step, workers, threads },
    );
    this.generation = new Generation({
      generation,
      spec,
      workers,
      threads,
      shards,
      checkpointDir: origin.checkpointDir,
      runDir,
      logs: this.folder.logs,
      deadlineMs,
      rankMain: this.options.rankMain ?? rankMainPath,
      environment: rankEnvironment(this.options.environment),
      now,
      onFrame: (frame) => this.receive(frame),
      onNumericClass: (numericClass) => this.checkClass(numericClass, origin, generation),
      onReady: () => {
        this.options.onEvent({ type: 'ready', generation });
        this.become('training', null);
        // A stop that came while the last rank was getting ready.
        if (this.stopping === 'after-checkpoint') this.generation?.stop();
      },
    });
    const end = await this.generation.run();
    this.generation = null;
    return end;
  }

  /** The newest checkpoint that verifies; what is damaged is named. Without any, the run starts at step 0. */
  private async origin(): Promise<Origin> {
    const { checkpoint, problems } = await this.store.latestValid();
    for (const problem of problems) this.warn(problem);
    if (!checkpoint) {
      if (problems.length > 0) this.warn('No checkpoint could be used: the run starts again at step 0.');
      return { checkpointDir: null, state: initialTrainState() };
    }
    return { checkpointDir: checkpoint.path, state: parseTrainState(checkpoint.trainState, this.options.spec) };
  }

  /** After a loss: says so, waits a while, or gives up. */
  private async prepareNext(end: Extract<GenerationEnd, { kind: 'lost' }>): Promise<RunFailure | null> {
    const delayMs = this.policy.lost(end);
    const nextTry = delayMs === null ? 'none' : 'from-checkpoint';
    this.options.onEvent({ type: 'rank-lost', message: end.message, nextTry });
    if (delayMs === null) {
      const message = `${end.message} The run lost ranks again and again without getting further; it can be resumed.`;
      return {
        code: end.crashed ? 'internal.rank-crashed' : 'infrastructure.rank-lost',
        message,
        node: null,
        step: null,
      };
    }
    this.become('recovering', 'rank-lost');
    await this.store.discardUnfinished(this.generationNumber);
    if (delayMs > 0) await this.pause(delayMs);
    return null;
  }

  private async pause(delayMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = () => undefined;
  }

  private receive(frame: FromRankFrame): void {
    const row = rowOfFrame(frame);
    if (row) this.metrics.append(row);
    switch (frame.type) {
      case 'progress':
        this.secondsToFirstStep ??= this.options.now() / 1000;
        this.steps = frame.step;
        this.throughput.add(frame.generation, frame.samples, frame.seconds);
        this.become('training', null);
        break;
      case 'evaluating':
        this.become('evaluating', null);
        break;
      case 'validation':
        this.lastValidation = { loss: frame.loss, accuracy: frame.accuracy };
        break;
      case 'checkpoint':
        this.policy.progressed();
        this.told.clear();
        break;
      case 'epoch':
        break;
      case 'warning':
        // A disk that stays full would say so at every checkpoint.
        if (!this.told.has(frame.code)) this.warn(frame.message);
        this.told.add(frame.code);
        return;
      default:
        return;
    }
    this.options.onEvent(frame);
  }

  /** A run that continues on another numeric class would not be the same run. */
  private checkClass(numericClass: NumericClass, origin: Origin, generation: number): string | null {
    if (origin.checkpointDir !== null && this.numericClass !== null) {
      const difference = classDifference(this.numericClass, numericClass);
      if (difference !== null) {
        return (
          `This run was trained in another numeric class than this machine and build have: ${difference}. ` +
          'Resume it where it was started, or start a new run.'
        );
      }
    }
    this.numericClass = numericClass;
    this.metrics.append({ kind: 'numeric-class', generation, step: origin.state.step, numericClass });
    return null;
  }

  /** What an earlier process of this run left: generations count on, the numeric class stays. */
  private recall(rows: readonly MetricsRow[]): void {
    for (const row of rows) {
      this.generationNumber = Math.max(this.generationNumber, row.generation);
      if (row.kind === 'numeric-class') this.numericClass = row.numericClass;
    }
  }

  private become(state: RunState, reason: ReasonCode | null): void {
    if (this.state === state || (this.state === 'stopping' && reason !== 'user')) return;
    this.state = state;
    this.options.onEvent({ type: 'state', state, reason });
  }

  private warn(message: string): void {
    this.options.onEvent({ type: 'warning', message });
  }

  private failed({ code, message, node, step }: RunFailure): RunSummary {
    return this.summary('failed', reasonOf(code), { failure: { code, message, node, step } });
  }

  /** What went wrong in this process while the run was under way, such as a disk that cannot be read. */
  private failedHere(error: unknown): RunSummary {
    if (!isLockstepError(error) || this.generationNumber === this.lastGenerationBefore) throw error;
    const { code, message, node = null, step = null } = error;
    return this.failed({ code, message, node, step });
  }

  private cancelled(): RunSummary {
    return this.summary('cancelled', 'user', {});
  }

  private summary(state: RunSummary['state'], reason: ReasonCode, known: Partial<RunSummary>): RunSummary {
    this.options.onEvent({ type: 'state', state, reason });
    return {
      state,
      reason,
      testAccuracy: this.lastValidation?.accuracy ?? null,
      testLoss: this.lastValidation?.loss ?? null,
      weightsDigest: null,
      stateDigest: null,
      workers: this.options.workers,
      lanes: this.options.spec.lanes,
      steps: this.steps,
      samplesPerSecond: this.throughput.samplesPerSecond,
      secondsToFirstStep: this.secondsToFirstStep,
      runDir: this.options.runDir,
      failure: null,
      ...known,
    };
  }
}
