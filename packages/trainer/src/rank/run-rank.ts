import type { Duplex } from 'node:stream';
import {
  type FromRankFrame,
  isLockstepError,
  type NumericClass,
  rankExitCodes,
  type ToRankFrame,
  toRankFrameSchema,
} from '@lockstep/contracts';
import {
  controlCheckpoint,
  controlStop,
  initialTrainState,
  parseTrainState,
  type Session,
  type TrainCheckpoint,
  type TrainEvent,
  type TrainOutcome,
  type TrainState,
  trainLoop,
} from '@lockstep/engine/train';
import { CheckpointStore } from '../checkpoints/checkpoint-store.js';
import { fakedNumericClass, rankHost } from '../env.js';
import { FrameChannel } from '../frames/frame-channel.js';
import { PipeRendezvous } from '../rendezvous/pipe-rendezvous.js';
import { CheckpointQueue } from './checkpoint-queue.js';
import { frameOfEvent } from './frame-of-event.js';
import { frameOfFailure } from './frame-of-failure.js';
import { NonFiniteError } from './non-finite-error.js';
import type { RankParts } from './rank-parts.js';

type StartFrame = Extract<ToRankFrame, { type: 'start' }>;
type ExitCode = (typeof rankExitCodes)[keyof typeof rankExitCodes];

export interface RankOptions {
  /** The pipe to the supervisor. */
  stream: Duplex;
  /** Generation that the pipe belongs to. */
  generation: number;
  parts: RankParts;
  /** Monotonic milliseconds. */
  now: () => number;
  /** Ends the process at once, whatever its threads are doing. Does not return. */
  exit: (code: ExitCode) => void;
}

/**
 * The life of one rank process: says hello, is told what to do, meets its peers, trains, reports, ends. It decides
 * nothing. When the pipe closes it ends at once: nobody is left to hear it, and a rank must never outlive its supervisor.
 */
export function runRank(options: RankOptions): void {
  new Rank(options).begin();
}

class Rank {
  private readonly channel: FrameChannel<ToRankFrame, FromRankFrame>;
  private start: StartFrame | null = null;
  private rendezvous: PipeRendezvous | null = null;
  private session: Session | null = null;
  private readonly agreements = new Map<number, Agreement>();
  private pendingControl: 0 | 1 | 2 = 0;
  private stepsDone = 0;
  /** Since the last heartbeat. */
  private pace = { steps: 0, seconds: 0 };
  private ending = false;

  constructor(private readonly options: RankOptions) {
    this.channel = new FrameChannel({
      stream: options.stream,
      incoming: toRankFrameSchema,
      onFrame: (frame) => this.receive(frame),
      onClose: () => {
        if (!this.ending) options.exit(rankExitCodes.pipeClosed);
      },
    });
  }

  begin(): void {
    this.channel.send({ type: 'hello', generation: this.options.generation, pid: process.pid });
  }

  private receive(frame: ToRankFrame): void {
    if (frame.generation !== this.options.generation) return;
    if (frame.type === 'start') {
      if (this.start !== null) return;
      this.start = frame;
      void this.live(frame);
      return;
    }
    if (frame.type === 'rendezvous') this.rendezvous?.received(frame.values);
    else if (frame.type === 'checkpoint-agreed') this.agreements.get(frame.sequence)?.reach();
    else if (frame.action === 'stop-now') this.options.exit(rankExitCodes.stopped);
    else this.control(frame.action === 'stop' ? controlStop : controlCheckpoint);
  }

  private control(word: 1 | 2): void {
    if (this.session) this.session.requestControl(word);
    else this.pendingControl = word > this.pendingControl ? word : this.pendingControl;
  }

  private async live(start: StartFrame): Promise<void> {
    const heartbeat = setInterval(
      () => this.channel.send(this.heartbeat(start.generation)),
      Math.max(20, Math.min(1000, start.deadlineMs / 5)),
    );
    let code: ExitCode;
    try {
      code = await this.work(start);
    } catch (error) {
      const failure = frameOfFailure(error, start.generation);
      if (!isLockstepError(error)) console.error(error);
      this.channel.send(failure.frame);
      code = failure.exitCode;
    }
    clearInterval(heartbeat);
    await this.channel.flush();
    this.ending = true;
    this.options.exit(code);
  }

  private async work(start: StartFrame): Promise<ExitCode> {
    const startedAt = this.options.now();
    const { spec, rank, worldSize, threads, generation } = start;
    const { parts } = this.options;
    const communicator =
      worldSize > 1 ? parts.openCommunicator({ rank, worldSize, host: rankHost(), timeoutMs: start.deadlineMs }) : null;
    const session = await parts.createSession({ spec, shards: start.shards, rank, worldSize, threads, communicator });
    const numericClass = await this.numericClass(session, start);
    const address = communicator ? Buffer.from(await communicator.address()).toString('base64') : '';
    this.rendezvous = new PipeRendezvous(start.nonce, worldSize, (value) =>
      this.channel.send({ type: 'rendezvous', generation, value }),
    );
    const values = await this.rendezvous.exchange({ rank, nonce: start.nonce, address, numericClass });
    await communicator?.connect(values.map((value) => Buffer.from(value.address, 'base64')));

    const store = new CheckpointStore(start.runDir);
    const state = await this.restore(session, store, start);
    this.session = session;
    this.stepsDone = state.step;
    if (this.pendingControl !== 0) session.requestControl(this.pendingControl);
    const secondsToReady = (this.options.now() - startedAt) / 1000;
    this.channel.send({ type: 'ready', generation, secondsToReady });

    const queue = new CheckpointQueue((checkpoint) => this.write(checkpoint, store, start));
    const outcome = await trainLoop({
      spec,
      session,
      state,
      leader: rank === 0,
      now: this.options.now,
      onEvent: (event) => this.report(event, start),
      onCheckpoint: (checkpoint) => this.checkpoint(checkpoint, queue, start),
    });
    return this.finish(outcome, start);
  }

  private heartbeat(generation: number): FromRankFrame {
    const { steps, seconds } = this.pace;
    this.pace = { steps: 0, seconds: 0 };
    return { type: 'heartbeat', generation, step: this.stepsDone, stepSeconds: steps === 0 ? null : seconds / steps };
  }

  private async numericClass(session: Session, start: StartFrame): Promise<NumericClass> {
    const probeDigest = await session.probe();
    const own = this.options.parts.numericClass({ isa: start.spec.isa, probeDigest });
    const faked = fakedNumericClass(start.rank);
    if (faked === null) return own;
    const id = Buffer.from(faked).toString('hex').padEnd(64, '0').slice(0, 64);
    return { id, parts: { ...own.parts, test: faked } };
  }

  private async restore(session: Session, store: CheckpointStore, start: StartFrame): Promise<TrainState> {
    if (start.checkpointDir === null) return initialTrainState();
    const checkpoint = await store.read(start.checkpointDir);
    const state = parseTrainState(checkpoint.trainState, start.spec);
    session.load(checkpoint.tensors);
    return state;
  }

  private report(event: TrainEvent, start: StartFrame): void {
    if (event.kind === 'train') {
      this.stepsDone = event.step;
      this.pace.steps += event.steps;
      this.pace.seconds += event.seconds;
    }
    if (start.rank === 0) this.channel.send(frameOfEvent(event, start.generation));
  }

  /** Every rank tells its digest; the leader also writes, and the manifest waits until all digests were found equal. */
  private async checkpoint(checkpoint: TrainCheckpoint, queue: CheckpointQueue, start: StartFrame): Promise<void> {
    const { sequence, state, stateDigest, reason } = checkpoint;
    const { generation } = start;
    if (start.rank === 0) this.agreements.set(sequence, new Agreement());
    this.channel.send({ type: 'state-digest', generation, step: state.step, sequence, digest: stateDigest });
    if (start.rank !== 0) return;
    try {
      await queue.add(checkpoint);
    } catch (error) {
      // A run that only wanted to be safe goes on: the state before is still there, and the disk may recover.
      if (reason === 'stop' || reason === 'final' || !isLockstepError(error)) throw error;
      this.channel.send({ type: 'warning', generation, code: error.code, message: error.message });
    } finally {
      this.agreements.delete(sequence);
    }
  }

  private async write(checkpoint: TrainCheckpoint, store: CheckpointStore, start: StartFrame): Promise<void> {
    const { sequence, state } = checkpoint;
    const { generation, spec } = start;
    const path = await store.write({
      step: state.step,
      generation,
      sequence,
      epoch: state.epoch,
      tensors: checkpoint.tensors,
      trainState: state,
      digests: { weights: checkpoint.weightsDigest, state: checkpoint.stateDigest },
      best: checkpoint.isBest,
      agreed: this.agreements.get(sequence)?.reached ?? Promise.resolve(),
    });
    this.channel.send({ type: 'checkpoint', generation, step: state.step, sequence, path });
    await store.prune(spec.checkpoint.keepLast, spec.checkpoint.keepBest, path);
  }

  private finish(outcome: TrainOutcome, start: StartFrame): ExitCode {
    const { generation } = start;
    if (outcome.kind === 'non-finite') throw new NonFiniteError(outcome);
    const { state } = outcome;
    const reasons = { completed: 'all-epochs', 'early-stopped': 'early-stopping', stopped: 'user' } as const;
    this.channel.send({
      type: 'finished',
      generation,
      step: state.step,
      epoch: state.epoch,
      reason: reasons[outcome.kind],
      testLoss: state.lastValidation?.loss ?? null,
      testAccuracy: state.lastValidation?.accuracy ?? null,
      weightsDigest: outcome.weightsDigest,
      stateDigest: outcome.stateDigest,
    });
    return outcome.kind === 'stopped' ? rankExitCodes.stopped : rankExitCodes.finished;
  }
}

/** The supervisor's word that all ranks had the same digest. */
class Agreement {
  reach: () => void = () => undefined;
  readonly reached = new Promise<void>((resolve) => {
    this.reach = resolve;
  });
}
