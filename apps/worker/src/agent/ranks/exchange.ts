import { LockstepError, type RankRef, type RendezvousValue } from '@lockstep/contracts';
import { classConflict } from '@lockstep/trainer';
import type { NodeClient } from '../api/node-client.js';

interface Exchange {
  api: NodeClient;
  ref: RankRef;
  signal: AbortSignal;
}

/** Seconds of one long poll. */
const waitSeconds = 20;
const pollTimeoutMs = (waitSeconds + 10) * 1000;

/** Publishes this rank's address and waits for those of all others. Throws `numerics.class-refused` for another class. */
export async function meet({ api, ref, signal }: Exchange, value: RendezvousValue): Promise<RendezvousValue[]> {
  const { runId, generation, rank } = ref;
  await api.persist('putRendezvous', { params: { runId, generation, rank }, body: { value }, signal });
  for (;;) {
    const { complete, values } = await api.persist('getRendezvous', {
      params: { runId, generation },
      query: { waitSeconds },
      timeoutMs: pollTimeoutMs,
      signal,
    });
    if (!complete) continue;
    const conflict = classConflict(values);
    if (conflict !== null) throw new LockstepError('numerics.class-refused', conflict);
    return values;
  }
}

/**
 * Publishes the digest of this rank's state at a checkpoint. With `wait` it resolves when all ranks were found equal.
 * Throws `numerics.diverged` where they are not.
 */
export async function agree(
  { api, ref, signal }: Exchange,
  { sequence, step, digest }: { sequence: number; step: number; digest: string },
  wait: boolean,
): Promise<void> {
  const { runId, generation, rank } = ref;
  let answer = await api.persist('putAgreement', {
    params: { runId, generation, sequence, rank },
    body: { step, digest },
    signal,
  });
  while (wait && answer.verdict === 'waiting') {
    answer = await api.persist('getAgreement', {
      params: { runId, generation, sequence },
      query: { waitSeconds },
      timeoutMs: pollTimeoutMs,
      signal,
    });
  }
  if (answer.verdict !== 'diverged') return;
  const digests = answer.digests.map((given) => `rank ${given.rank}: ${given.digest.slice(0, 12)}`).join(', ');
  throw new LockstepError(
    'numerics.diverged',
    `Expected the same state on every rank after step ${step}, got ${digests}. A CPU or its memory may be faulty: run on ` +
      'other nodes. Checkpoints before this step were equal on all ranks.',
    { step },
  );
}
