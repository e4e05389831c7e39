import type { ResolvedSpec } from '@lockstep/contracts';
import type { BurstResult, EvaluationResult, Session } from '../../src/backend/session.js';
import type { Communicator } from '../../src/comm/communicator.js';
import { createSession, openCommunicator } from '../../src/native-entry.js';
import { learningRate } from '../../src/optim/learning-rate.js';
import { stateDigest, weightsDigest } from '../../src/state/digests.js';
import { stepsPerEpoch } from '../../src/train/train-state.js';
import type { SessionData } from './session-data.js';

export interface GroupOptions {
  worldSize?: number;
  threads?: number;
  exchange?: 'by-size' | 'whole' | 'sharded';
  timeoutMs?: number;
}

/** Ranks of one run, all in this process: native calls run on the thread pool, four at a time. */
export class Group {
  private constructor(
    readonly spec: ResolvedSpec,
    readonly sessions: readonly Session[],
    readonly communicators: readonly Communicator[],
  ) {}

  static async open(data: SessionData, spec: ResolvedSpec, options: GroupOptions = {}): Promise<Group> {
    const { worldSize = 1, threads = 1, timeoutMs = 20_000, exchange = 'by-size' } = options;
    const communicators: Communicator[] = [];
    if (worldSize > 1) {
      for (let rank = 0; rank < worldSize; rank += 1) {
        communicators.push(openCommunicator({ rank, worldSize, host: '127.0.0.1', timeoutMs }));
      }
      const addresses = await Promise.all(communicators.map((communicator) => communicator.address()));
      await Promise.all(communicators.map((communicator) => communicator.connect(addresses)));
    }
    const shards = { trainShard: data.train, validationShard: data.validation };
    const sessions: Session[] = [];
    for (let rank = 0; rank < worldSize; rank += 1) {
      const communicator = communicators[rank] ?? null;
      sessions.push(await createSession({ spec, ...shards, rank, worldSize, threads, communicator, exchange }));
    }
    return new Group(spec, sessions, communicators);
  }

  get first(): Session {
    return this.sessions[0] as Session;
  }

  /** Runs global steps [from, to) in bursts of at most `burst` steps, at the spec's rate or another; every rank must say the same. */
  async train(from: number, to: number, burst = Number.POSITIVE_INFINITY, rate?: number): Promise<BurstResult[]> {
    const perEpoch = stepsPerEpoch(this.spec);
    const results: BurstResult[] = [];
    for (let step = from; step < to; ) {
      const epoch = Math.floor(step / perEpoch);
      const steps = Math.min(to - step, burst, (epoch + 1) * perEpoch - step);
      const request = {
        epoch,
        firstStepInEpoch: step - epoch * perEpoch,
        firstStep: step,
        learningRates: new Float32Array(steps).fill(rate ?? learningRate(this.spec.training, epoch)),
      };
      const all = await Promise.all(this.sessions.map((session) => session.trainBurst(request)));
      results.push(agreed(all));
      step += steps;
    }
    return results;
  }

  async evaluate(firstBatch: number, batches: number): Promise<EvaluationResult> {
    return agreed(await Promise.all(this.sessions.map((session) => session.evaluate({ firstBatch, batches }))));
  }

  /** The weights digest, which all ranks must share. */
  weights(): string {
    return agreed(this.sessions.map((session) => weightsDigest(session.snapshot())));
  }

  /** Weights and optimizer state. */
  state(): string {
    return agreed(this.sessions.map((session) => stateDigest(session.snapshot(), null)));
  }

  async close(): Promise<void> {
    for (const session of this.sessions) await session.close();
    await Promise.all(this.communicators.map((communicator) => communicator.close()));
  }
}

function agreed<T>(results: readonly T[]): T {
  const [first, ...rest] = results.map((result) => JSON.stringify(result));
  if (rest.some((other) => other !== first)) throw new Error(`the ranks differ: ${[first, ...rest].join(' and ')}`);
  return results[0] as T;
}

/** Opens a group, uses it, closes it. */
export async function withGroup<T>(
  data: SessionData,
  spec: ResolvedSpec,
  options: GroupOptions,
  use: (group: Group) => Promise<T>,
): Promise<T> {
  const group = await Group.open(data, spec, options);
  try {
    return await use(group);
  } finally {
    await group.close();
  }
}
