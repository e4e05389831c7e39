import type { ResolvedSpec } from '@lockstep/contracts';
import type { NonFinite, Session } from '../backend/session.js';
import { learningRate } from '../optim/learning-rate.js';
import { stateDigest, weightsDigest } from '../state/digests.js';
import type { StateTensor } from '../state/state-tensor.js';
import { BurstSizer } from './burst-size.js';
import { recordValidation } from './early-stopping.js';
import type { CheckpointReason, TrainEvent } from './train-events.js';
import { meansOf, stepsPerEpoch, type TrainState, validationBatches } from './train-state.js';

/** Control word of a session: a checkpoint is wanted. */
export const controlCheckpoint = 1;
/** Control word of a session: a checkpoint is wanted, then the run stops. */
export const controlStop = 2;

export interface TrainCheckpoint {
  reason: CheckpointReason;
  /** It follows a validation that was the best so far. */
  isBest: boolean;
  /** 0-based count of checkpoints since the loop started; the same on every rank, so it names the checkpoint. */
  sequence: number;
  state: TrainState;
  tensors: StateTensor[];
  weightsDigest: string;
  stateDigest: string;
}

export interface TrainLoopOptions {
  spec: ResolvedSpec;
  session: Session;
  /** Where to start; it is copied. The session already holds the tensors that belong to it. */
  state: TrainState;
  /** The leader looks at the clock and asks for checkpoints; all ranks then agree on the step through the session. */
  leader: boolean;
  /** Monotonic milliseconds. */
  now: () => number;
  onEvent: (event: TrainEvent) => void;
  /** Resolves when the checkpoint is safe. The loop goes on meanwhile and waits for it only when it ends. */
  onCheckpoint: (checkpoint: TrainCheckpoint) => Promise<void>;
}

export type TrainOutcome =
  | {
      kind: 'completed' | 'early-stopped' | 'stopped';
      state: TrainState;
      weightsDigest: string;
      stateDigest: string;
    }
  | ({ kind: 'non-finite'; state: TrainState } & NonFinite);

type NonFiniteOutcome = Extract<TrainOutcome, { kind: 'non-finite' }>;

/**
 * Trains from any position to the end of the run, to a stop, or to the first number that is not finite. Pure: clock
 * and checkpoint store are passed in, and neither they nor the size of bursts changes any bit of the result.
 */
export async function trainLoop(options: TrainLoopOptions): Promise<TrainOutcome> {
  return new TrainLoop(options).run();
}

class TrainLoop {
  private readonly state: TrainState;
  private readonly sizer = new BurstSizer();
  private readonly perEpoch: number;
  private readonly batches: number;
  private readonly pending = new Set<Promise<void>>();
  private failure: { error: unknown } | null = null;
  private sequence = 0;
  private lastCheckpointAt: number;
  private checkpointRequested = false;
  private digests: { weightsDigest: string; stateDigest: string } | null = null;

  constructor(private readonly options: TrainLoopOptions) {
    this.state = structuredClone(options.state);
    this.perEpoch = stepsPerEpoch(options.spec);
    this.batches = validationBatches(options.spec);
    this.lastCheckpointAt = options.now();
  }

  async run(): Promise<TrainOutcome> {
    while (this.state.phase !== 'done') {
      this.askForDueCheckpoint();
      const ended = this.state.phase === 'train' ? await this.burst() : await this.validationBatch();
      if (this.failure) throw this.failure.error;
      if (ended === 'stopped') return this.end('stopped');
      if (ended) {
        await this.settle();
        return ended;
      }
    }
    return this.end(this.state.outcome ?? 'completed');
  }

  /** One native call of training steps. The sums are added step by step, in order, whatever the size of the burst. */
  private async burst(): Promise<NonFiniteOutcome | 'stopped' | null> {
    const { spec, session, now } = this.options;
    const { state } = this;
    const everySteps = spec.checkpoint.everySteps ?? 0;
    const toEpochEnd = this.perEpoch - state.stepInEpoch;
    const toDueStep = everySteps > 0 ? everySteps - (state.step % everySteps) : toEpochEnd;
    const steps = this.sizer.next(Math.min(toEpochEnd, toDueStep));
    const rate = learningRate(spec.training, state.epoch);
    const startedAt = now();
    const result = await session.trainBurst({
      epoch: state.epoch,
      firstStepInEpoch: state.stepInEpoch,
      firstStep: state.step,
      learningRates: new Float32Array(steps).fill(rate),
    });
    if (result.nonFinite) return { kind: 'non-finite', state: structuredClone(state), ...result.nonFinite };
    const seconds = (now() - startedAt) / 1000;
    this.sizer.measured(result.stepsDone, seconds);

    const burst = { lossSum: 0, correct: 0, samples: 0 };
    for (let index = 0; index < result.stepsDone; index++) {
      for (const sums of [burst, state.trainSums]) {
        sums.lossSum += result.lossSums[index] ?? 0;
        sums.correct += result.correct[index] ?? 0;
        sums.samples += result.samples[index] ?? 0;
      }
    }
    const epoch = state.epoch;
    state.stepInEpoch += result.stepsDone;
    state.step += result.stepsDone;
    this.options.onEvent({
      kind: 'train',
      epoch,
      step: state.step,
      steps: result.stepsDone,
      ...burst,
      learningRate: rate,
      seconds,
    });
    if (state.stepInEpoch === this.perEpoch) this.endOfEpoch();
    const due = everySteps > 0 && state.step % everySteps === 0;
    return this.obey(result.control, due ? 'due' : null);
  }

  private endOfEpoch(): void {
    const { state } = this;
    const { spec } = this.options;
    state.lastTrain = meansOf(state.trainSums, state.epoch, state.step);
    this.options.onEvent({ kind: 'epoch', ...state.lastTrain });
    const isLast = state.epoch + 1 === spec.training.epochs;
    const isDue = (state.epoch + 1) % spec.validation.everyEpochs === 0;
    if (this.batches > 0 && (isLast || isDue)) state.phase = 'validate';
    else this.nextEpoch(false);
  }

  private nextEpoch(stopEarly: boolean): void {
    const { state } = this;
    state.epoch += 1;
    state.stepInEpoch = 0;
    state.phase = 'train';
    state.trainSums = { lossSum: 0, correct: 0, samples: 0 };
    state.validationSums = { lossSum: 0, correct: 0, samples: 0 };
    state.validationBatch = 0;
    if (stopEarly) state.outcome = 'early-stopped';
    else if (state.epoch === this.options.spec.training.epochs) state.outcome = 'completed';
    if (state.outcome) state.phase = 'done';
  }

  private validationStartedAt: number | null = null;

  /** One validation batch. One at a time, so that a cut between batches adds the same float64 in the same order. */
  private async validationBatch(): Promise<NonFiniteOutcome | 'stopped' | null> {
    const { spec, session, now, onEvent } = this.options;
    const { state } = this;
    this.validationStartedAt ??= now();
    const result = await session.evaluate({ firstBatch: state.validationBatch, batches: 1 });
    if (!Number.isFinite(result.lossSum)) {
      const node = spec.graph.output;
      return { kind: 'non-finite', state: structuredClone(state), step: state.step, node, order: 0, what: 'loss' };
    }
    state.validationBatch += result.batchesDone;
    state.validationSums.lossSum += result.lossSum;
    state.validationSums.correct += result.correct;
    state.validationSums.samples += result.samples;
    const { epoch, step } = state;
    onEvent({ kind: 'evaluating', epoch, step, batch: state.validationBatch, batches: this.batches });
    if (state.validationBatch < this.batches) return this.obey(result.control, null);

    const validation = meansOf(state.validationSums, epoch, step);
    const { samples } = state.validationSums;
    const { isBest, stop } = recordValidation(state, validation, spec);
    const seconds = (now() - this.validationStartedAt) / 1000;
    this.validationStartedAt = null;
    this.nextEpoch(stop);
    onEvent({ kind: 'validation', ...validation, samples, isBest, seconds });
    return this.obey(result.control, isBest ? 'best' : null);
  }

  /** Acts on the control word that all ranks agreed on, and on what is due by the position alone. */
  private obey(control: number, due: 'due' | 'best' | null): 'stopped' | null {
    if (control !== 0) this.checkpointRequested = false;
    const isDone = this.state.phase === 'done';
    const reason = isDone
      ? 'final'
      : control === controlStop
        ? 'stop'
        : (due ?? (control === controlCheckpoint ? 'due' : null));
    if (reason) this.checkpoint(reason, due === 'best');
    return reason === 'stop' ? 'stopped' : null;
  }

  private askForDueCheckpoint(): void {
    const { leader, spec, session, now } = this.options;
    if (!leader || this.checkpointRequested || this.pending.size > 0) return;
    if (now() - this.lastCheckpointAt < spec.checkpoint.everySeconds * 1000) return;
    this.checkpointRequested = true;
    session.requestControl(controlCheckpoint);
  }

  private checkpoint(reason: CheckpointReason, isBest: boolean): void {
    const state = structuredClone(this.state);
    const tensors = this.options.session.snapshot();
    this.digests = { weightsDigest: weightsDigest(tensors), stateDigest: stateDigest(tensors, state) };
    this.lastCheckpointAt = this.options.now();
    const saved = this.options.onCheckpoint({
      reason,
      isBest,
      sequence: this.sequence++,
      state,
      tensors,
      ...this.digests,
    });
    const tracked: Promise<void> = saved
      .catch((error: unknown) => {
        this.failure ??= { error };
      })
      .finally(() => this.pending.delete(tracked));
    this.pending.add(tracked);
  }

  private async end(kind: 'completed' | 'early-stopped' | 'stopped'): Promise<TrainOutcome> {
    await this.settle();
    const state = structuredClone(this.state);
    if (!this.digests) {
      const tensors = this.options.session.snapshot();
      this.digests = { weightsDigest: weightsDigest(tensors), stateDigest: stateDigest(tensors, state) };
    }
    return { kind, state, ...this.digests };
  }

  private async settle(): Promise<void> {
    await Promise.all(this.pending);
    if (this.failure) throw this.failure.error;
  }
}
