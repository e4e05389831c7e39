import type { LiveEvent } from '../../server/live/live-event.js';
import { randomId } from '../../ui/random-id.js';
import { type ConnectionListener, keepConnected, type Surroundings } from './keep-connected.js';
import { type Compete, competeAlone, competeByAsking, competeForLock, type TabChannel } from './leadership.js';

export type LiveState =
  | { readonly phase: 'connecting' }
  | { readonly phase: 'open'; readonly user: string; readonly organisations: readonly string[] }
  | { readonly phase: 'lost' }
  | { readonly phase: 'signed-out' };

/** Between tabs. */
type TabMessage =
  /** `isAnswer`: to a tab that asked; it was so before. */
  | { readonly live: 'state'; readonly state: LiveState; readonly isAnswer: boolean }
  | { readonly live: 'event'; readonly event: LiveEvent }
  | { readonly live: 'beat' }
  /** Of a tab that was just opened. */
  | { readonly live: 'ask' };

/** A leader that is silent for longer is not there, or cannot tell. */
const silenceMs = 20_000;

export interface LiveOptions {
  readonly channel: TabChannel | null;
  readonly compete: Compete;
  readonly connect: (
    listener: ConnectionListener,
    signal: AbortSignal,
  ) => Promise<'stopped' | 'signed-out' | 'replaced'>;
}

/**
 * The live stream as a tab sees it: one tab of the browser leads and has the stream, and tells the others what comes. What
 * comes are signals only; a tab reads what it shows by itself.
 */
export class LiveClient {
  state: LiveState = { phase: 'connecting' };
  private isLeading = false;
  private isCompeting = false;
  private readonly stop = new AbortController();
  private silence: ReturnType<typeof setTimeout> | undefined;
  private readonly stateListeners = new Set<() => void>();
  private readonly eventListeners = new Set<(event: LiveEvent) => void>();

  constructor(private readonly options: LiveOptions) {}

  start(): void {
    this.options.channel?.listen((message) => this.hear(message as Partial<TabMessage>));
    this.post({ live: 'ask' });
    void this.compete();
  }

  close(): void {
    this.stop.abort();
    clearTimeout(this.silence);
  }

  readonly onState = (listener: () => void): (() => void) => {
    this.stateListeners.add(listener);
    return () => this.stateListeners.delete(listener);
  };

  onEvent(listener: (event: LiveEvent) => void): () => void {
    this.eventListeners.add(listener);
    return () => this.eventListeners.delete(listener);
  }

  private async compete(): Promise<void> {
    if (this.isCompeting) return;
    this.isCompeting = true;
    // Whoever was replaced or outvoted stands in line again; whoever is signed out has nothing to ask for.
    while (!this.stop.signal.aborted && this.state.phase !== 'signed-out') {
      await this.options.compete((signal) => this.lead(signal), this.stop.signal);
    }
    this.isCompeting = false;
  }

  private async lead(signal: AbortSignal): Promise<void> {
    // So said the leader before.
    if (this.state.phase === 'signed-out') return;
    clearTimeout(this.silence);
    this.isLeading = true;
    const end = await this.options.connect(
      {
        onBeat: () => this.post({ live: 'beat' }),
        onLost: () => this.say({ phase: 'lost' }),
        onEvent: (event) => {
          if (event.type === 'hello') this.say({ phase: 'open', user: event.user, organisations: event.organisations });
          this.post({ live: 'event', event });
          this.tell(event);
        },
      },
      signal,
    );
    if (end === 'signed-out') this.say({ phase: 'signed-out' });
    this.isLeading = false;
  }

  private hear(message: Partial<TabMessage>): void {
    if (message.live === 'ask') {
      if (this.isLeading) this.post({ live: 'state', state: this.state, isAnswer: true });
      return;
    }
    if (this.isLeading || message.live === undefined) return;
    clearTimeout(this.silence);
    if (message.live === 'state' && message.state !== undefined) {
      const isNew = message.isAnswer === true && this.state.phase === 'connecting' && message.state.phase === 'open';
      this.set(message.state);
      // What was signalled before this tab listened.
      if (isNew) this.tell({ type: 'everything' });
    } else if (message.live === 'event' && message.event !== undefined) this.tell(message.event);
    if (this.state.phase === 'signed-out') return;
    void this.compete();
    this.silence = setTimeout(() => this.set({ phase: 'lost' }), silenceMs);
  }

  private say(state: LiveState): void {
    this.set(state);
    this.post({ live: 'state', state, isAnswer: false });
  }

  private set(state: LiveState): void {
    if (this.state.phase === 'lost' && state.phase === 'lost') return;
    this.state = state;
    for (const listener of this.stateListeners) listener();
  }

  private tell(event: LiveEvent): void {
    for (const listener of this.eventListeners) listener(event);
  }

  private post(message: TabMessage): void {
    this.options.channel?.post(message);
  }
}

const channelName = 'lockstep-live';

let client: LiveClient | null = null;

/** The one of this page; it is started when it is first asked for. */
export function liveClient(): LiveClient {
  client ??= startHere();
  return client;
}

function startHere(): LiveClient {
  const channel = openChannel();
  const url = `/api/live?browser=${browserId()}`;
  const { locks } = navigator as { locks?: LockManager };
  const made = new LiveClient({
    channel,
    compete:
      channel === null
        ? competeAlone
        : locks === undefined
          ? competeByAsking(channel, randomId())
          : competeForLock(locks, channelName),
    connect: (listener, signal) => keepConnected(url, listener, signal, surroundings),
  });
  made.start();
  // Without locks the others would find out later.
  window.addEventListener('pagehide', ({ persisted }) => {
    if (!persisted) made.close();
  });
  return made;
}

function openChannel(): TabChannel | null {
  if (typeof BroadcastChannel === 'undefined') return null;
  const channel = new BroadcastChannel(channelName);
  return {
    post: (message) => channel.postMessage(message),
    listen: (hear) => {
      const onMessage = ({ data }: MessageEvent): void => hear(data);
      channel.addEventListener('message', onMessage);
      return () => channel.removeEventListener('message', onMessage);
    },
  };
}

const surroundings: Surroundings = {
  // The network is back, or somebody looks.
  onHope: (listener) => {
    const onVisible = (): void => {
      if (document.visibilityState === 'visible') listener();
    };
    window.addEventListener('online', listener);
    document.addEventListener('visibilitychange', onVisible);
    return () => {
      window.removeEventListener('online', listener);
      document.removeEventListener('visibilitychange', onVisible);
    };
  },
  // A server on this machine is reached without a network: only a try tells.
  onDoubt: (listener) => {
    window.addEventListener('offline', listener);
    return () => window.removeEventListener('offline', listener);
  },
};

/** The same for all tabs, so that the server ends a stream that this browser lost. */
function browserId(): string {
  try {
    const known = localStorage.getItem(channelName);
    if (known !== null && /^[\w-]{8,64}$/.test(known)) return known;
    const made = randomId();
    localStorage.setItem(channelName, made);
    return made;
  } catch {
    // Storage is refused: as many streams as the server allows.
    return randomId();
  }
}
