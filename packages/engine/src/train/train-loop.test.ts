import { describe, expect, it } from 'vitest';
import { createSessionDouble, type SessionDoubleOptions, specForDouble } from '../../test/session-double.mjs';
import type { TrainEvent } from './train-events.js';
import { type TrainCheckpoint, type TrainOutcome, trainLoop } from './train-loop.js';
import { initialTrainState, parseTrainState, stepsPerEpoch, validationBatches } from './train-state.js';

type Spec = ReturnType<typeof specForDouble>;

interface Run {
  outcome: TrainOutcome;
  events: TrainEvent[];
  checkpoints: TrainCheckpoint[];
}

async function run(
  spec: Spec,
  options: {
    from?: TrainCheckpoint;
    now?: () => number;
    double?: Partial<SessionDoubleOptions>;
    prepare?: (session: ReturnType<typeof createSessionDouble>) => void;
    onCheckpoint?: (checkpoint: TrainCheckpoint) => Promise<void>;
  } = {},
): Promise<Run> {
  const session = createSessionDouble({ spec, ...options.double });
  if (options.from) session.load(options.from.tensors);
  options.prepare?.(session);
  const events: TrainEvent[] = [];
  const checkpoints: TrainCheckpoint[] = [];
  // Through JSON, as a checkpoint on disk goes.
  const state = options.from
    ? parseTrainState(JSON.parse(JSON.stringify(options.from.state)), spec)
    : initialTrainState();
  const outcome = await trainLoop({
    spec,
    session,
    state,
    leader: true,
    now: options.now ?? (() => 0),
    onEvent: (event) => events.push(event),
    onCheckpoint: async (checkpoint) => {
      checkpoints.push(checkpoint);
      await options.onCheckpoint?.(checkpoint);
    },
  });
  return { outcome, events, checkpoints };
}

function digests(outcome: TrainOutcome): string[] {
  if (outcome.kind === 'non-finite') throw new Error('not finite');
  return [outcome.kind, outcome.weightsDigest, outcome.stateDigest];
}

describe('training loop', () => {
  it('covers every sample of every epoch once, and validates after each', async () => {
    const spec = specForDouble();
    const { outcome, events, checkpoints } = await run(spec);
    expect(outcome.kind).toBe('completed');
    expect(outcome.state).toMatchObject({ epoch: 2, step: 14, phase: 'done', outcome: 'completed' });
    for (const epoch of [0, 1]) {
      const bursts = events.filter((event) => event.kind === 'train' && event.epoch === epoch);
      expect(bursts.reduce((sum, event) => sum + (event.kind === 'train' ? event.samples : 0), 0)).toBe(50);
    }
    const validations = events.filter((event) => event.kind === 'validation');
    expect(validations.map(({ epoch, step, samples }) => [epoch, step, samples])).toEqual([
      [0, 7, 25],
      [1, 14, 25],
    ]);
    expect(checkpoints.at(-1)?.reason).toBe('final');
  });

  it('gives the same digests whatever the size of its bursts', async () => {
    const spec = specForDouble();
    let milliseconds = 0;
    const slow = await run(spec, { now: () => (milliseconds += 150) });
    const fast = await run(spec);
    const steps = (result: Run) => result.events.filter((event) => event.kind === 'train').length;
    expect(steps(slow)).toBeGreaterThan(steps(fast));
    expect(digests(slow.outcome)).toEqual(digests(fast.outcome));
  });

  it('resumes from a cut at every step of every epoch to the same state', async () => {
    const spec = specForDouble({ training: { earlyStopping: { metric: 'loss', patience: 5, minDelta: 0 } } });
    const whole = digests((await run(spec)).outcome);
    const total = stepsPerEpoch(spec) * spec.training.epochs;
    for (let cut = 0; cut < total; cut++) {
      let session: ReturnType<typeof createSessionDouble> | null = null;
      const stopped = await run(spec, {
        prepare: (made) => {
          session = made;
        },
        double: { beforeStep: (step) => step === cut && session?.requestControl(2) },
      });
      const checkpoint = stopped.checkpoints.at(-1);
      expect(stopped.outcome.kind).toBe('stopped');
      expect(checkpoint?.state.step).toBe(cut + 1);
      const resumed = await run(spec, { from: checkpoint as TrainCheckpoint });
      expect(digests(resumed.outcome), `cut after step ${cut + 1}`).toEqual(whole);
    }
  });

  it('resumes from a cut after every validation batch to the same state and the same means', async () => {
    const spec = specForDouble();
    const uncut = await run(spec);
    const batches = validationBatches(spec);
    for (let cut = 0; cut < batches - 1; cut++) {
      let session: ReturnType<typeof createSessionDouble> | null = null;
      const stopped = await run(spec, {
        prepare: (made) => {
          session = made;
        },
        double: { beforeBatch: (batch) => batch === cut && session?.requestControl(2) },
      });
      const checkpoint = stopped.checkpoints.at(-1) as TrainCheckpoint;
      expect(checkpoint.state).toMatchObject({ phase: 'validate', validationBatch: cut + 1 });
      const resumed = await run(spec, { from: checkpoint });
      expect(digests(resumed.outcome)).toEqual(digests(uncut.outcome));
      expect(resumed.outcome.state).toEqual(uncut.outcome.state);
    }
  });

  it('validates every N epochs and always after the last', async () => {
    const spec = specForDouble({ training: { epochs: 5 }, validation: { everyEpochs: 2 } });
    const { events } = await run(spec);
    expect(events.flatMap((event) => (event.kind === 'validation' ? [event.epoch] : []))).toEqual([1, 3, 4]);
  });

  it('stops early when validations stop improving, and the state says so', async () => {
    const spec = specForDouble({
      training: { epochs: 50, earlyStopping: { metric: 'accuracy', patience: 2, minDelta: 1 } },
    });
    const { outcome, checkpoints } = await run(spec);
    expect(outcome.kind).toBe('early-stopped');
    expect(outcome.state).toMatchObject({ epoch: 3, phase: 'done' });
    expect(checkpoints.at(-1)?.reason).toBe('final');
  });

  it('keeps a checkpoint of the best validation', async () => {
    const spec = specForDouble({ training: { epochs: 4 } });
    const { events, checkpoints } = await run(spec);
    const best = events.flatMap((event) => (event.kind === 'validation' && event.isBest ? [event.step] : []));
    const kept = checkpoints.flatMap((checkpoint) => (checkpoint.isBest ? [checkpoint.state.step] : []));
    expect(best.length).toBeGreaterThan(0);
    expect(kept).toEqual(best);
  });

  it('names the step and the layer where numbers stop being finite, and saves nothing after it', async () => {
    const spec = specForDouble({ checkpoint: { everySteps: 2 } });
    const { outcome, checkpoints } = await run(spec, { double: { nonFiniteAt: 5, rank: 1 } });
    expect(outcome).toMatchObject({ kind: 'non-finite', step: 5, node: 'fc1', what: 'gradient' });
    expect(checkpoints.map((checkpoint) => checkpoint.state.step)).toEqual([2, 4]);
  });

  it('takes checkpoints at fixed steps without an extra one', async () => {
    const { checkpoints } = await run(specForDouble({ checkpoint: { everySteps: 3 } }));
    expect(checkpoints.filter((checkpoint) => checkpoint.reason === 'due').map(({ state }) => state.step)).toEqual([
      3, 6, 9, 12,
    ]);
  });

  it('asks for a checkpoint when the clock says that one is due, and only then', async () => {
    let milliseconds = 0;
    const spec = specForDouble({ checkpoint: { everySeconds: 1 } });
    const { checkpoints } = await run(spec, { now: () => (milliseconds += 100) });
    const due = checkpoints.filter((checkpoint) => checkpoint.reason === 'due');
    expect(due.length).toBeGreaterThan(0);
    expect(due.length).toBeLessThan(7);
    expect(checkpoints.map((checkpoint) => checkpoint.sequence)).toEqual(checkpoints.map((_, index) => index));
  });

  it('waits for its last checkpoint and passes on why it could not be written', async () => {
    const full = new Error('disk full');
    const failing = run(specForDouble(), { onCheckpoint: () => Promise.reject(full) });
    await expect(failing).rejects.toBe(full);
  });

  it('refuses a position that belongs to another spec', () => {
    const state = { ...initialTrainState(), step: 3 };
    expect(() => parseTrainState(state, specForDouble())).toThrow(/expected step 0, got 3/);
  });
});
