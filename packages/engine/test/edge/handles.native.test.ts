import {
  type CommunicatorHandle,
  communicatorAddress,
  communicatorClose,
  communicatorConnect,
  describeKernel,
  openCommunicator,
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
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type SessionData, writeSessionData } from '../sessions/session-data.js';
import { edgeData, sessionConfig } from './session-config.js';

let data: SessionData;
let config: SessionConfig;
let session: SessionHandle;
beforeAll(async () => {
  data = await writeSessionData(edgeData);
  config = sessionConfig(data);
});
afterAll(() => data.remove());
beforeEach(async () => {
  session = await openSession(config, null);
});
afterEach(() => sessionClose(session));

const burst = { epoch: 0, firstStepInEpoch: 0, firstStep: 0, learningRates: Float32Array.of(0.01, 0.01) };
const uses: [string, (handle: SessionHandle) => unknown][] = [
  ['train', (handle) => sessionTrain(handle, burst)],
  ['evaluate', (handle) => sessionEvaluate(handle, 0, 1)],
  ['predict', (handle) => sessionPredict(handle, new Float32Array(36), 1)],
  ['probe', (handle) => sessionProbe(handle)],
  ['read a parameter', (handle) => sessionReadParameter(handle, 0, -1)],
  ['write a parameter', (handle) => sessionWriteParameter(handle, 0, -1, new Float32Array(36))],
  ['read a buffer', (handle) => sessionReadBuffer(handle, 0)],
  ['write a buffer', (handle) => sessionWriteBuffer(handle, 0, new Float32Array(4))],
];
const all: [string, (handle: SessionHandle) => unknown][] = [
  ...uses,
  ['request control', (handle) => sessionRequestControl(handle, 1)],
];

/** What comes of a call, thrown or rejected. */
async function failure(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    return (error as Error).message;
  }
  return 'nothing was wrong';
}

describe('a session handle', () => {
  it.each(all)('of another kind is refused: %s', async (_title, use) => {
    const communicator = openCommunicator({ rank: 0, worldSize: 2, host: '127.0.0.1', timeoutMs: 1_000 });
    for (const wrong of [communicator, {}, [], null, undefined, 7, 'session', () => 0]) {
      expect(await failure(() => use(wrong as unknown as SessionHandle))).toContain('expected a session handle');
    }
    await communicatorClose(communicator);
  });

  it.each(all)('that is closed is refused: %s', async (_title, use) => {
    const closed = await openSession(config, null);
    await sessionClose(closed);
    expect(await failure(() => use(closed))).toContain('this session is closed');
    // Closing twice is no mistake.
    await sessionClose(closed);
  });

  it.each(uses)('that is at work is refused: %s', async (_title, use) => {
    const pending = sessionTrain(session, burst);
    expect(await failure(() => use(session))).toContain('still at work');
    expect(await failure(() => sessionClose(session))).toContain('still at work');
    expect((await pending).stepsDone).toBe(2);
    // And free again after that.
    expect(await failure(() => use(session))).toBe('nothing was wrong');
  });

  it('may be dropped without being closed', async () => {
    for (let round = 0; round < 20; round += 1) await openSession(config, null);
    (globalThis as { gc?: () => void }).gc?.();
    expect((await sessionTrain(session, burst)).stepsDone).toBe(2);
  });
});

describe('arguments', () => {
  const train = (change: object) => () => sessionTrain(session, { ...burst, ...change });

  it.each<[string, () => unknown]>([
    ['no steps', train({ learningRates: new Float32Array() })],
    ['steps beyond the epoch', train({ firstStepInEpoch: 1 })],
    ['more steps than an epoch has', train({ learningRates: new Float32Array(1000) })],
    ['a negative step', train({ firstStepInEpoch: -1 })],
    ['rates in another array', train({ learningRates: [0.1] })],
    ['rates in float64', train({ learningRates: Float64Array.of(0.1) })],
    ['rates in bytes', train({ learningRates: Uint8Array.of(1, 2) })],
    ['batches beyond the split', () => sessionEvaluate(session, 1, 1)],
    ['no batches', () => sessionEvaluate(session, 0, 0)],
    ['a negative batch', () => sessionEvaluate(session, -1, 1)],
    ['too few values to predict from', () => sessionPredict(session, new Float32Array(35), 1)],
    ['no samples', () => sessionPredict(session, new Float32Array(0), 0)],
    ['a negative number of samples', () => sessionPredict(session, new Float32Array(36), -1)],
    ['more samples than memory has', () => sessionPredict(session, new Float32Array(36), 2 ** 62)],
    ['a parameter that is not there', () => sessionReadParameter(session, 99, -1)],
    ['a parameter before the first', () => sessionReadParameter(session, -1, -1)],
    ['a slot that is not there', () => sessionReadParameter(session, 0, 2)],
    ['a buffer that is not there', () => sessionReadBuffer(session, 2)],
    ['too few values to write', () => sessionWriteParameter(session, 0, -1, new Float32Array(35))],
    ['too many values to write', () => sessionWriteBuffer(session, 0, new Float32Array(5))],
    ['bytes to write', () => sessionWriteParameter(session, 0, -1, new Uint8Array(36) as unknown as Float32Array)],
    ['float64 to write', () => sessionWriteBuffer(session, 0, new Float64Array(4) as unknown as Float32Array)],
    ['nothing to write', () => sessionWriteBuffer(session, 0, undefined as unknown as Float32Array)],
    [
      'a kernel that does not exist',
      () =>
        describeKernel(config.plan.isa, {
          kernel: 'sort.forward',
          activation: '',
          attributes: {},
          shapes: {},
          layouts: {},
        }),
    ],
    [
      'a kernel without shapes',
      () =>
        describeKernel(config.plan.isa, {
          kernel: 'conv2d.forward',
          activation: '',
          attributes: {},
          shapes: {},
          layouts: {},
        }),
    ],
    [
      'a pooling kernel over one dimension',
      () =>
        describeKernel(config.plan.isa, {
          kernel: 'maxPool2d.forward',
          activation: '',
          attributes: { kernel: [2, 2], stride: [2, 2], padding: [0, 0] },
          shapes: { x: [4], y: [4] },
          layouts: {},
        }),
    ],
    [
      'another isa',
      () =>
        describeKernel('avx2', { kernel: 'linear.forward', activation: '', attributes: {}, shapes: {}, layouts: {} }),
    ],
  ])('are refused: %s', async (_title, call) => {
    expect(await failure(call)).not.toBe('nothing was wrong');
    // Nothing is broken by it.
    expect((await sessionTrain(session, burst)).stepsDone).toBe(2);
  });
});

describe('a communicator handle', () => {
  const options = { rank: 0, worldSize: 2, host: '127.0.0.1', timeoutMs: 1_000 };

  it('of another kind is refused', async () => {
    for (const wrong of [session, {}, null, 7] as unknown as CommunicatorHandle[]) {
      for (const use of [
        communicatorAddress,
        communicatorClose,
        (c: CommunicatorHandle) => communicatorConnect(c, []),
      ]) {
        expect(await failure(() => use(wrong))).toContain('expected a communicator handle');
      }
    }
    expect(await failure(() => openSession(config, {} as CommunicatorHandle))).toContain(
      'expected a communicator handle',
    );
  });

  it.each([{ rank: 2 }, { rank: -1 }, { worldSize: 1 }, { timeoutMs: 0 }])('is not opened with %o', async (change) => {
    expect(await failure(() => openCommunicator({ ...options, ...change }))).toContain('out of range');
  });

  it('that is closed cannot be used', async () => {
    const communicator = openCommunicator(options);
    await communicatorAddress(communicator);
    await communicatorClose(communicator);
    await communicatorClose(communicator);
    expect(await failure(() => communicatorConnect(communicator, [new Uint8Array(1), new Uint8Array(1)]))).toContain(
      'closed',
    );
  });

  it('may be closed while it connects', async () => {
    const [one, other] = [openCommunicator(options), openCommunicator({ ...options, rank: 1 })];
    // The other one never connects.
    const addresses = [await communicatorAddress(one), await communicatorAddress(other)];
    const connecting = failure(() => communicatorConnect(one, addresses));
    await Promise.all([connecting, communicatorClose(one), communicatorClose(one)]);
    expect(await failure(() => communicatorConnect(one, addresses))).toContain('closed');
    await communicatorClose(other);
  });

  it('takes addresses as bytes, one a rank, and survives addresses that are none', async () => {
    const communicator = openCommunicator(options);
    const own = await communicatorAddress(communicator);
    expect(await failure(() => communicatorConnect(communicator, [own, 'x' as unknown as Uint8Array]))).toContain(
      'Uint8Array',
    );
    expect(await failure(() => communicatorConnect(communicator, [own]))).toContain('every rank');
    expect(await failure(() => communicatorConnect(communicator, [own, Uint8Array.of(1, 2, 3)]))).not.toBe(
      'nothing was wrong',
    );
    await communicatorClose(communicator);
  });
});
