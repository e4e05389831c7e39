import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSession, openCommunicator } from '../../src/native-entry.js';
import { Group } from './run-session.js';
import { namedCases } from './session-cases.js';
import { type SessionData, writeSessionData } from './session-data.js';

const { softmax } = namedCases;
let data: SessionData;
beforeAll(async () => {
  data = await writeSessionData({ ...softmax.data, trainSamples: 160_000 });
});
afterAll(() => data.remove());

const burstOf = (steps: number, firstStep = 0) => ({
  epoch: 0,
  firstStepInEpoch: firstStep,
  firstStep,
  learningRates: new Float32Array(steps).fill(0.01),
});

/** Milliseconds until a promise rejects, and with what. */
async function rejection(promise: Promise<unknown>): Promise<{ code: unknown; message: string; elapsedMs: number }> {
  const started = performance.now();
  try {
    await promise;
  } catch (error) {
    const { code, message } = error as Error & { code?: unknown };
    return { code, message, elapsedMs: performance.now() - started };
  }
  throw new Error('expected a rejection');
}

describe('ranks of one process', () => {
  it.each(['whole', 'sharded'] as const)(
    'a rank that closes ends the others at once, exchange %s',
    async (exchange) => {
      const group = await Group.open(data, data.resolve(softmax.spec), { worldSize: 3, exchange, timeoutMs: 30_000 });
      await group.train(0, 3);
      const pending = [0, 1].map((rank) =>
        rejection((group.sessions[rank] as (typeof group.sessions)[0]).trainBurst(burstOf(100, 3))),
      );
      void group.communicators[2]?.close();
      for (const { code, elapsedMs } of await Promise.all(pending)) {
        expect(code).toBe('infrastructure.peer-lost');
        expect(elapsedMs).toBeLessThan(10_000);
      }
      // Dead: every further call fails at once, and what a rank has is still there to be read.
      const state = group.first.snapshot();
      const again = await rejection(group.first.trainBurst(burstOf(1, 3)));
      expect(again.code).toBe('infrastructure.peer-lost');
      expect(again.elapsedMs).toBeLessThan(500);
      expect(group.first.snapshot()).toEqual(state);
      await group.close();
    },
  );

  it('a rank that is silent is given up at the deadline', async () => {
    const group = await Group.open(data, data.resolve(softmax.spec), { worldSize: 2, timeoutMs: 1_000 });
    await group.train(0, 2);
    const { code, elapsedMs } = await rejection(group.first.trainBurst(burstOf(5, 2)));
    expect(code).toBe('infrastructure.peer-lost');
    expect(elapsedMs).toBeGreaterThan(500);
    expect(elapsedMs).toBeLessThan(4_000);
    await group.close();
  });

  it('a rank whose data is broken fails with its own error, the others lose it at once', async () => {
    const broken = await writeSessionData({ ...softmax.data, relabel: (label, sample) => (sample === 15 ? 9 : label) });
    try {
      const group = await Group.open(broken, broken.resolve(softmax.spec), { worldSize: 2, timeoutMs: 20_000 });
      const [first, second] = group.sessions;
      const failures = await Promise.all([
        rejection((first as typeof group.first).trainBurst(burstOf(3))),
        rejection((second as typeof group.first).trainBurst(burstOf(3))),
      ]);
      // Data in order: sample 15 is in the last lane of step 0, which the second rank runs.
      expect(failures.map(({ code }) => code)).toEqual(['infrastructure.peer-lost', 'data.label-out-of-range']);
      for (const { elapsedMs } of failures) expect(elapsedMs).toBeLessThan(10_000);
      await group.close();
    } finally {
      await broken.remove();
    }
  });

  it('connecting ends at the deadline when a rank never comes', async () => {
    const [lonely, absent] = [0, 1].map((rank) =>
      openCommunicator({ rank, worldSize: 2, host: '127.0.0.1', timeoutMs: 2_000 }),
    );
    const addresses = await Promise.all([lonely?.address(), absent?.address()]);
    // Whoever connects while its port still listens finds somebody there.
    await absent?.close();
    const { code, elapsedMs } = await rejection(lonely?.connect(addresses as Uint8Array[]) ?? Promise.resolve());
    expect(code).toBe('infrastructure.peer-lost');
    // Gloo by itself would wait five times as long.
    expect(elapsedMs).toBeLessThan(8_000);
    await lonely?.close();
  });
});

describe('a rank in another process', () => {
  it.each([
    ['SIGKILL', 60_000, 0, 20_000],
    ['SIGSTOP', 1_500, 500, 15_000],
  ] as const)(
    'that gets %s ends the others: at once if it is gone, at the deadline if it hangs',
    async (signal, timeoutMs, least, most) => {
      const worldSize = 2;
      const spec = data.resolve(softmax.spec);
      const child = fork(fileURLToPath(new URL('rank-child.mjs', import.meta.url)), {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      const communicator = openCommunicator({ rank: 0, worldSize, host: '127.0.0.1', timeoutMs });
      const session = { spec, trainShard: data.train, validationShard: data.validation, exchange: 'by-size' as const };
      try {
        child.send({
          open: { communicator: { rank: 1, worldSize, host: '127.0.0.1', timeoutMs }, session, burst: 50 },
        });
        const [{ address }] = await once(child, 'message');
        const addresses = [await communicator.address(), Uint8Array.from(Buffer.from(address, 'base64'))];
        child.send({ addresses: addresses.map((blob) => Buffer.from(blob).toString('base64')) });
        await communicator.connect(addresses);
        const own = await createSession({ ...session, rank: 0, worldSize, threads: 1, communicator });
        await own.trainBurst(burstOf(50));
        const pending = rejection(
          (async () => {
            for (let step = 50; ; step += 50) await own.trainBurst(burstOf(50, step));
          })(),
        );
        child.kill(signal);
        const { code, elapsedMs } = await pending;
        expect(code).toBe('infrastructure.peer-lost');
        expect(elapsedMs).toBeGreaterThan(least);
        expect(elapsedMs).toBeLessThan(most);
        await own.close();
      } finally {
        child.kill('SIGKILL');
        await communicator.close();
      }
    },
  );
});
