import { createHash } from 'node:crypto';
import {
  type CommunicatorHandle,
  openSession,
  type SessionConfig,
  type SessionHandle,
  sessionClose,
  sessionEvaluate,
  sessionPredict,
  sessionProbe,
  sessionReadBuffer,
  sessionReadParameter,
  sessionRequestControl,
  sessionTrain,
  sessionWriteBuffer,
  sessionWriteParameter,
} from '@lockstep/kernels-native';
import type { StateTensor } from '../../state/state-tensor.js';
import type { BurstRequest, BurstResult, EvaluationRequest, EvaluationResult, Session } from '../session.js';
import { translated, translatedSync } from './native-error.js';

/** Canonical shapes of what a session holds, in plan order. */
export interface SessionState {
  parameters: readonly { name: string; shape: readonly number[] }[];
  buffers: readonly { name: string; shape: readonly number[] }[];
  /** Optimizer slots in native order: `momentum`, or `m` and `v`. */
  slots: readonly string[];
}

/** The session over native lanes. Everything numeric happens behind `@lockstep/kernels-native`. */
export class NativeSession implements Session {
  private constructor(
    private readonly handle: SessionHandle,
    private readonly state: SessionState,
    private readonly probeState: readonly StateTensor[],
  ) {}

  /** @param probeState parameters and buffers under which `probe` runs; never the run's own */
  static async open(
    config: SessionConfig,
    communicator: CommunicatorHandle | null,
    state: SessionState,
    probeState: readonly StateTensor[],
  ): Promise<NativeSession> {
    return new NativeSession(await translated(() => openSession(config, communicator)), state, probeState);
  }

  trainBurst(request: BurstRequest): Promise<BurstResult> {
    return translated(() => sessionTrain(this.handle, request));
  }

  async evaluate({ firstBatch, batches }: EvaluationRequest): Promise<EvaluationResult> {
    const outcome = await translated(() => sessionEvaluate(this.handle, firstBatch, batches));
    const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
    return {
      lossSum: sum(outcome.lossSums),
      correct: sum(outcome.correct),
      samples: sum(outcome.samples),
      batchesDone: outcome.stepsDone,
      control: outcome.control,
    };
  }

  snapshot(): StateTensor[] {
    return translatedSync(() => {
      const { parameters, buffers, slots } = this.state;
      const tensors: StateTensor[] = [];
      for (const [index, { name, shape }] of parameters.entries()) {
        tensors.push({ name, shape, data: sessionReadParameter(this.handle, index, -1) });
        for (const [slot, label] of slots.entries()) {
          tensors.push({
            name: `optimizer/${name}/${label}`,
            shape,
            data: sessionReadParameter(this.handle, index, slot),
          });
        }
      }
      for (const [index, { name, shape }] of buffers.entries()) {
        tensors.push({ name, shape, data: sessionReadBuffer(this.handle, index) });
      }
      return tensors;
    });
  }

  load(tensors: readonly StateTensor[]): void {
    const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
    const dataOf = (name: string): Float32Array => {
      const tensor = byName.get(name);
      if (tensor === undefined) throw new Error(`the state has no tensor ${name}`);
      return tensor.data;
    };
    translatedSync(() => {
      const { parameters, buffers, slots } = this.state;
      for (const [index, { name }] of parameters.entries()) {
        sessionWriteParameter(this.handle, index, -1, dataOf(name));
        for (const [slot, label] of slots.entries()) {
          sessionWriteParameter(this.handle, index, slot, dataOf(`optimizer/${name}/${label}`));
        }
      }
      for (const [index, { name }] of buffers.entries()) sessionWriteBuffer(this.handle, index, dataOf(name));
    });
  }

  requestControl(word: 1 | 2): void {
    translatedSync(() => sessionRequestControl(this.handle, word));
  }

  async probe(): Promise<string> {
    const before = this.snapshot();
    this.load([...before, ...this.probeState]);
    const gradients = await translated(() => sessionProbe(this.handle));
    this.load(before);
    return createHash('sha256')
      .update(new Uint8Array(gradients.buffer, gradients.byteOffset, gradients.byteLength))
      .digest('hex');
  }

  predict(samples: Float32Array, count: number): Promise<Float32Array> {
    return translated(() => sessionPredict(this.handle, samples, count));
  }

  close(): Promise<void> {
    return translated(() => sessionClose(this.handle));
  }
}
