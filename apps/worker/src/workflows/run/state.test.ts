import type { RankPlace, RunWorkflowState } from '@lockstep/contracts/workflows';
import { describe, expect, it } from 'vitest';
import { Membership, type Verdict } from './membership.js';
import { freshRun, RunMachine } from './state.js';

const places: RankPlace[] = [
  { rank: 0, nodeId: 'n0', taskQueue: 'agent-n0' },
  { rank: 1, nodeId: 'n1', taskQueue: 'agent-n1' },
];
const lost: Verdict = {
  kind: 'lost',
  message: 'Rank 1 was killed.',
  crashed: false,
  wasReady: true,
  unreachable: false,
};
const finished: Verdict = {
  kind: 'finished',
  report: {
    status: 'finished',
    reason: 'all-epochs',
    step: 10,
    epoch: 2,
    testLoss: 0.1,
    testAccuracy: 0.98,
    weightsDigest: 'a'.repeat(64),
    stateDigest: 'b'.repeat(64),
  },
};

function machine(state: Partial<RunWorkflowState> = {}): RunMachine {
  return new RunMachine({ ...freshRun('run_1'), ...state });
}

/** The state as continue-as-new hands it on. */
function continued(from: RunMachine): RunMachine {
  return new RunMachine(JSON.parse(JSON.stringify(from.carried)));
}

describe('a run', () => {
  it('is placed, forms a generation, and completes with what its ranks found', () => {
    const run = machine();
    expect(run.next()).toEqual({ kind: 'place' });
    run.placed({ placed: true, places });
    expect(run.next()).toEqual({ kind: 'generation', generation: 1, places });
    run.formed({ generation: 1, originStep: 0 });
    run.ended(finished, false);
    expect(run.next()).toMatchObject({
      kind: 'finish',
      outcome: { state: 'completed', reason: 'all-epochs', failure: null, result: { testAccuracy: 0.98, step: 10 } },
    });
  });

  it('waits longer from vain try to vain try, and at once after a wake', () => {
    const run = machine();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 6; attempt++) {
      run.placed({ placed: false, reason: 'no-capacity', message: 'Waiting.' });
      const next = run.next();
      if (next.kind === 'pause') waits.push(next.ms);
      run.paused();
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000]);
    expect(run.isInterrupted).toBe(false);
    run.wake();
    expect(run.isInterrupted).toBe(true);
  });

  it('says why it waits once, and as recovering after its first generation', () => {
    const waiting = { placed: false, reason: 'no-capacity', message: 'Waiting for 1 worker.' } as const;
    const fresh = machine();
    expect(fresh.tellWaiting(waiting)).toMatchObject({ state: 'queued', reason: 'no-capacity', generation: 0 });
    expect(fresh.tellWaiting(waiting)).toBeNull();
    expect(machine({ generation: 3 }).tellWaiting(waiting)).toMatchObject({ state: 'recovering', generation: 3 });
  });

  it('keeps its places when a rank is lost, and is placed anew when a node is', () => {
    const run = machine({ places, generation: 1 });
    run.ended(lost, false);
    expect(continued(run).next()).toEqual({ kind: 'generation', generation: 2, places });
    run.ended(lost, true);
    run.paused();
    expect(continued(run).next()).toEqual({ kind: 'place' });
  });

  it('gives up after losses without progress, sooner where ranks crash', () => {
    const run = machine({ places, generation: 1 });
    for (let loss = 0; loss < 19; loss++) run.ended(lost, false);
    expect(run.next().kind).toBe('pause');
    run.ended(lost, false);
    expect(run.next()).toMatchObject({ kind: 'finish', outcome: { state: 'failed', reason: 'rank-lost' } });

    const crashing = machine({ places, generation: 1 });
    for (let loss = 0; loss < 4; loss++) crashing.ended({ ...lost, crashed: true }, false);
    expect(crashing.next()).toMatchObject({
      kind: 'finish',
      outcome: { state: 'failed', reason: 'internal', failure: { code: 'internal.rank-crashed' } },
    });
  });

  it('forgets losses once a checkpoint takes it further', () => {
    const run = machine({ places, generation: 4, losses: 3, unlikely: 3 });
    run.formed({ generation: 5, originStep: 100 });
    expect(run.carried).toMatchObject({ losses: 0, unlikely: 0, originStep: 100 });
    run.ended(lost, false);
    run.formed({ generation: 6, originStep: 100 });
    expect(run.carried.losses).toBe(1);
  });

  it('fails with the code that a rank found', () => {
    const run = machine({ places, generation: 1 });
    run.ended({ kind: 'failed', code: 'numerics.non-finite', message: 'Not finite.', node: 'fc1', step: 7 }, false);
    expect(run.next()).toMatchObject({
      kind: 'finish',
      outcome: { state: 'failed', reason: 'non-finite', failure: { node: 'fc1', step: 7 } },
    });
  });

  it('ends as cancelled wherever it is, also after it continued as new', () => {
    const cancelled = { kind: 'finish', outcome: { state: 'cancelled', reason: 'user', failure: null, result: null } };
    for (const state of [{}, { pauseMs: 2000 }, { places, generation: 2 }]) {
      const run = machine(state);
      run.cancel();
      expect(run.isInterrupted).toBe(true);
      expect(continued(run).next()).toEqual(cancelled);
    }
  });

  it('keeps the result of ranks that stopped with a checkpoint', () => {
    const run = machine({ places, generation: 1, cancelled: true });
    run.ended({ ...finished, report: { ...finished.report, reason: 'user' } }, false);
    expect(run.next()).toMatchObject({ kind: 'finish', outcome: { state: 'cancelled', result: { step: 10 } } });
  });

  it('is told as training only while all ranks are ready', () => {
    const run = machine({ places, generation: 1 });
    const membership = new Membership(2);
    expect(run.tellMembership(membership)).toMatchObject({ state: 'starting' });
    membership.report(0, { status: 'ready' });
    expect(run.tellMembership(membership)).toBeNull();
    membership.report(1, { status: 'ready' });
    expect(run.tellMembership(membership)).toMatchObject({ state: 'training' });
    run.cancel();
    expect(run.tellMembership(membership)).toMatchObject({ state: 'stopping', reason: 'user' });
  });
});
