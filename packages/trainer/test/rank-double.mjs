// A rank process whose session and communicator are doubles; everything else is the product's. Tests say what shall
// happen to it in LOCKSTEP_DOUBLE: {faults: [{rank, generation, step | batch, action}], stepMs, folder}.
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { rankExitCodes } from '@lockstep/contracts';
import { createSessionDouble } from '../../engine/test/session-double.mjs';
import { runRank } from '../dist/rank/run-rank.js';
import { createCommunicatorDouble } from './communicator-double.mjs';

const generation = Number(process.argv[2]);
const { faults = [], stepMs = 0, folder = tmpdir() } = JSON.parse(process.env.LOCKSTEP_DOUBLE ?? '{}');
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
const stream = new Socket({ fd: 3, readable: true, writable: true });
const actions = {
  kill: () => process.kill(process.pid, 'SIGKILL'),
  stop: () => process.kill(process.pid, 'SIGSTOP'),
  abort: () => process.abort(),
  exit: () => process.exit(9),
  hang: () => new Promise(() => undefined),
  garbage: () => stream.write('this is not a frame, whatever its length says'),
  throw: () => {
    throw new Error('a broken invariant');
  },
};
const strike = (rank, at) => {
  const fault = faults.find(
    (candidate) =>
      candidate.rank === rank &&
      (candidate.generation ?? generation) === generation &&
      candidate.step === at.step &&
      candidate.batch === at.batch,
  );
  return fault ? actions[fault.action]?.() : undefined;
};

runRank({
  stream,
  generation,
  now: () => performance.now(),
  exit: (code) => {
    if (code === rankExitCodes.pipeClosed || code === rankExitCodes.stopped) process.kill(process.pid, 'SIGKILL');
    process.exit(code);
  },
  parts: {
    openCommunicator: (options) => createCommunicatorDouble({ ...options, folder }),
    numericClass: ({ isa, probeDigest }) => ({ id: 'c'.repeat(64), parts: { isa, probe: probeDigest } }),
    createSession: async ({ spec, rank, communicator }) => {
      const session = createSessionDouble({
        spec,
        rank,
        ...(communicator ? { agree: (word) => communicator.agree(word) } : {}),
        nonFiniteAt: faults.find((fault) => fault.action === 'non-finite')?.step ?? null,
        beforeStep: async (step) => {
          await strike(rank, { step });
          if (stepMs > 0) await new Promise((resolve) => setTimeout(resolve, stepMs));
        },
        beforeBatch: (batch) => strike(rank, { batch }),
      });
      const differs = faults.some((fault) => fault.rank === rank && fault.action === 'diverge');
      if (!differs) return session;
      return {
        ...session,
        snapshot: () => {
          const tensors = session.snapshot();
          tensors[0].data[0] += 1;
          return tensors;
        },
      };
    },
  },
});
