import type {
  FormGenerationResult,
  PlaceRunResult,
  RankPlace,
  RunOutcome,
  RunWorkflowState,
  SetRunState,
} from '@lockstep/contracts/workflows';
import { reasonOf } from '@lockstep/contracts/workflows';
import type { Membership, Verdict } from './membership.js';
import { afterLoss } from './restart-policy.js';

/** What a run does next. */
export type Next =
  | { kind: 'place' }
  | { kind: 'pause'; ms: number }
  | { kind: 'generation'; generation: number; places: RankPlace[] }
  | { kind: 'finish'; outcome: RunOutcome };

type Told = RunWorkflowState['told'];

const firstWaitMs = 1000;
const longestWaitMs = 10_000;

/** The state of a run that nothing has happened to. */
export function freshRun(runId: string): RunWorkflowState {
  return {
    runId,
    places: [],
    generation: 0,
    originStep: 0,
    losses: 0,
    unlikely: 0,
    pauseMs: 0,
    vainPlacements: 0,
    cancelled: false,
    told: { state: 'queued', reason: null, message: null },
    outcome: null,
  };
}

/**
 * Decides what a run does; knows nothing of Temporal. The workflow asks `next`, does it, and says what came of it. The
 * whole state is plain data, so that it goes through continue-as-new.
 */
export class RunMachine {
  private state: RunWorkflowState;
  private woken = false;

  constructor(state: RunWorkflowState) {
    this.state = state;
  }

  get carried(): RunWorkflowState {
    return this.state;
  }

  get runId(): string {
    return this.state.runId;
  }

  get isCancelled(): boolean {
    return this.state.cancelled;
  }

  /** A pause is over before its time. */
  get isInterrupted(): boolean {
    return this.woken || this.state.cancelled;
  }

  next(): Next {
    const { outcome, cancelled, pauseMs, places, generation } = this.state;
    if (outcome) return { kind: 'finish', outcome };
    if (cancelled) return { kind: 'finish', outcome: cancelledOutcome };
    if (pauseMs > 0) return { kind: 'pause', ms: pauseMs };
    if (places.length === 0) return { kind: 'place' };
    return { kind: 'generation', generation: generation + 1, places };
  }

  cancel(): void {
    this.state = { ...this.state, cancelled: true };
  }

  wake(): void {
    this.woken = true;
  }

  paused(): void {
    this.woken = false;
    this.state = { ...this.state, pauseMs: 0 };
  }

  placed(result: PlaceRunResult): void {
    if (result.placed) {
      this.state = { ...this.state, places: result.places, vainPlacements: 0 };
      return;
    }
    const vainPlacements = this.state.vainPlacements + 1;
    const pauseMs = Math.min(longestWaitMs, firstWaitMs * 2 ** (vainPlacements - 1));
    this.state = { ...this.state, vainPlacements, pauseMs };
  }

  formed({ generation, originStep }: FormGenerationResult): void {
    // A checkpoint beyond the last origin: the run gets further, and what was lost before counts no more.
    const further = originStep > this.state.originStep;
    this.state = { ...this.state, generation, originStep, ...(further ? { losses: 0, unlikely: 0 } : {}) };
  }

  /** The generation is over and none of its processes is wanted any more. */
  ended(verdict: Verdict | 'stopped', placesLost: boolean): void {
    if (verdict === 'stopped') {
      this.state = { ...this.state, outcome: cancelledOutcome };
      return;
    }
    if (verdict.kind === 'finished') {
      const { status, reason, ...result } = verdict.report;
      const state = reason === 'user' ? 'cancelled' : 'completed';
      this.state = { ...this.state, outcome: { state, reason, failure: null, result } };
      return;
    }
    if (verdict.kind === 'failed') {
      this.fail(verdict.code, verdict.message, verdict.node, verdict.step);
      return;
    }
    const { count, delayMs } = afterLoss(this.state, verdict);
    // Whoever has no place on a node any more is placed anew, beside those that stay.
    const places = placesLost ? [] : this.state.places;
    this.state = { ...this.state, ...count, places, pauseMs: delayMs ?? 0 };
    if (delayMs !== null || this.state.cancelled) return;
    this.fail(
      verdict.crashed ? 'internal.rank-crashed' : 'infrastructure.rank-lost',
      `${verdict.message} The run lost ranks again and again without getting further; start it again from its checkpoint.`,
      null,
      null,
    );
  }

  /** The run cannot go on. */
  fail(code: string, message: string, node: string | null, step: number | null): void {
    const outcome: RunOutcome = {
      state: 'failed',
      reason: reasonOf(code),
      failure: { code, message, node, step },
      result: null,
    };
    this.state = { ...this.state, outcome };
  }

  /** What is to be written about the run now; null when it was written already. */
  tell(state: Told['state'], reason: Told['reason'], message: string | null): SetRunState | null {
    const { told } = this.state;
    if (told.state === state && told.reason === reason && told.message === message) return null;
    this.state = { ...this.state, told: { state, reason, message } };
    return { runId: this.state.runId, generation: this.state.generation, state, reason, message };
  }

  /** What a waiting run is told as: before its first generation it queues, later it recovers. */
  tellWaiting(result: Extract<PlaceRunResult, { placed: false }>): SetRunState | null {
    return this.tell(this.state.generation === 0 ? 'queued' : 'recovering', result.reason, result.message);
  }

  tellMembership(membership: Membership): SetRunState | null {
    if (this.state.cancelled) return this.tell('stopping', 'user', null);
    switch (membership.phase) {
      case 'starting':
        return this.tell('starting', null, null);
      case 'ready':
        return this.tell('training', null, null);
      case 'delivering':
        return this.tell('stopping', membership.deliveringReason, null);
    }
  }
}

const cancelledOutcome: RunOutcome = { state: 'cancelled', reason: 'user', failure: null, result: null };
