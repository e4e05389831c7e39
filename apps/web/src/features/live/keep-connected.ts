import type { LiveEvent } from '../../server/live/live-event.js';
import { EventReader } from './event-reader.js';

export interface ConnectionTiming {
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  /** The server says something more often than this, if only that it is there. */
  readonly silenceMs: number;
}

const usual: ConnectionTiming = { firstWaitMs: 250, longestWaitMs: 4000, silenceMs: 12_000 };

export interface ConnectionListener {
  onEvent(event: LiveEvent): void;
  /** Something came, an event or not. */
  onBeat(): void;
  /** Called once for each try that failed; it is tried again. */
  onLost(): void;
}

/** What else is known about the way to the server; both give how to stop listening. */
export interface Surroundings {
  /** Now a try may succeed: the wait for the next one ends. */
  onHope(listener: () => void): () => void;
  /** The connection may be dead without an end: it is opened again. */
  onDoubt(listener: () => void): () => void;
}

const nothingKnown: Surroundings = { onHope: () => () => undefined, onDoubt: () => () => undefined };

/**
 * Keeps the live stream open until the signal aborts, the session has ended, or another stream took its place. After a
 * loss it waits a little, longer each time.
 */
export async function keepConnected(
  url: string,
  { onEvent, onBeat, onLost }: ConnectionListener,
  signal: AbortSignal,
  { onHope, onDoubt }: Surroundings = nothingKnown,
  { firstWaitMs, longestWaitMs, silenceMs }: ConnectionTiming = usual,
): Promise<'stopped' | 'signed-out' | 'replaced'> {
  let waitMs = firstWaitMs;
  while (!signal.aborted) {
    const doubt = new AbortController();
    const certain = onDoubt(() => doubt.abort());
    const end = await readOnce(url, AbortSignal.any([signal, doubt.signal]), silenceMs, {
      onBeat,
      onEvent: (event) => {
        waitMs = firstWaitMs;
        onEvent(event);
      },
    });
    certain();
    if (end === 'signed-out' || end === 'replaced') return end;
    // Whoever may see less than before may still see the rest.
    if (end === 'again') continue;
    if (signal.aborted) break;
    onLost();
    await pause(waitMs * (0.75 + Math.random() / 2), signal, onHope);
    waitMs = Math.min(2 * waitMs, longestWaitMs);
  }
  return 'stopped';
}

async function readOnce(
  url: string,
  signal: AbortSignal,
  silenceMs: number,
  { onEvent, onBeat }: Pick<ConnectionListener, 'onEvent' | 'onBeat'>,
): Promise<'lost' | 'signed-out' | 'replaced' | 'again'> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), silenceMs);
  try {
    const response = await fetch(url, { cache: 'no-store', signal: AbortSignal.any([signal, silence.signal]) });
    if (response.status === 401) return 'signed-out';
    if (!response.ok || response.body === null) return 'lost';
    const events = new EventReader();
    const decoder = new TextDecoder();
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return 'lost';
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), silenceMs);
      onBeat();
      for (const { type, data } of events.read(decoder.decode(value, { stream: true }))) {
        const event = { type, ...(data as object) } as LiveEvent;
        if (event.type === 'signed-out') return event.reason === 'session' ? 'signed-out' : 'again';
        if (event.type === 'replaced') return 'replaced';
        onEvent(event);
      }
    }
  } catch {
    return 'lost';
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

async function pause(ms: number, signal: AbortSignal, onHope: Surroundings['onHope']): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      hopeless();
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
    const hopeless = onHope(end);
  });
}
