import { setTimeout as delay } from 'node:timers/promises';
import { LockstepError, type RunStreamEvent, runStreamEventSchema } from '@lockstep/contracts';
import { isUnreached, refusal, type ServiceClient } from './client.js';
import { readServerSentEvents } from './server-sent-events.js';

export interface FollowOptions {
  /** Cursor of the last event that was seen; 0 is the beginning. */
  readonly since?: number;
  readonly signal?: AbortSignal;
  /** Told when the stream broke off and is opened again. */
  readonly onBreak?: () => void;
  readonly retryMs?: number;
  /** For how long the service may be away. */
  readonly patienceMs?: number;
}

/**
 * The events of a run until it has ended, over as many connections as that takes: each goes on after the last cursor, so
 * that no event is missed and none comes twice.
 */
export async function* followRun(
  client: ServiceClient,
  runId: string,
  { since = 0, signal, onBreak = () => undefined, retryMs = 1000, patienceMs = 120_000 }: FollowOptions = {},
): AsyncGenerator<RunStreamEvent, void, void> {
  let cursor = since;
  let brokenAt: number | null = null;
  while (!signal?.aborted) {
    // Events of one cursor are handed on together, when the last of them has come: a broken stream sends all of them again.
    let pending: RunStreamEvent[] = [];
    try {
      const bytes = client.bytes(
        'streamEvents',
        { params: { runId }, headers: { 'last-event-id': `${cursor}` } },
        signal,
      );
      for await (const { type, data, id } of readServerSentEvents(bytes)) {
        brokenAt = null;
        if (type === 'problem') throw refusal(client.url, 503, data);
        const event = parseEvent(data);
        if (event === null) continue;
        pending.push(event);
        if (id === null && event.type !== 'end') continue;
        if (id !== null) cursor = Number(id);
        yield* pending;
        pending = [];
        if (event.type === 'end') return;
      }
    } catch (error) {
      if (signal?.aborted) return;
      brokenAt ??= performance.now();
      if (!isUnreached(error) || performance.now() - brokenAt > patienceMs) throw error;
    }
    if (signal?.aborted) return;
    onBreak();
    await delay(retryMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
}

/** Null for kinds of events that a later version of the service may send. */
function parseEvent(data: string): RunStreamEvent | null {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch (cause) {
    throw new LockstepError('infrastructure.service', 'The live stream sent something that is no event.', { cause });
  }
  return runStreamEventSchema.safeParse(value).data ?? null;
}
