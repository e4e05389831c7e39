import type { Memberships } from '@lockstep/db';
import type { LiveEvent } from './live-event.js';

/** A comment goes out after so long without a signal: readers take silence for a lost connection. */
const heartbeatMs = 5000;
/** Of a reader that takes nothing, so many signals are kept; after that everything may have changed. */
const mostWaiting = 500;

/** Signals for one browser until they are taken. Of signals about the same thing only the newest waits. */
export class LiveStream {
  private readonly waiting = new Map<string, LiveEvent>();
  private last: LiveEvent | null = null;
  private wake: (() => void) | null = null;

  constructor(
    readonly reader: { readonly sessionId: string; readonly userId: string; readonly browser: string | null },
    public memberships: Memberships,
  ) {
    this.tellOf(memberships);
  }

  /** Says whose stream it is, and of which organisations it tells from now on. */
  tellOf(memberships: Memberships): void {
    this.memberships = memberships;
    this.tell('hello', { type: 'hello', user: this.reader.userId, organisations: [...memberships.values()] });
  }

  tell(key: string, event: LiveEvent): void {
    if (this.waiting.size >= mostWaiting && !this.waiting.has(key)) {
      const hello = this.waiting.get('hello');
      this.waiting.clear();
      if (hello !== undefined) this.waiting.set('hello', hello);
      this.waiting.set('everything', { type: 'everything' });
    } else this.waiting.set(key, event);
    this.wake?.();
  }

  /** This is told, then it ends. */
  end(event: LiveEvent): void {
    this.last ??= event;
    this.wake?.();
  }

  async *frames(signal: AbortSignal): AsyncGenerator<string, void, void> {
    while (!signal.aborted) {
      if (this.waiting.size > 0 || this.last !== null) {
        const text = [...this.waiting.values(), ...(this.last === null ? [] : [this.last])].map(frame).join('');
        this.waiting.clear();
        yield text;
        if (this.last !== null) return;
      } else if (!(await this.news(signal))) yield ': still here\n\n';
    }
  }

  private async news(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (isNews: boolean) => () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        this.wake = null;
        resolve(isNews);
      };
      const onAbort = end(true);
      const timer = setTimeout(end(false), heartbeatMs);
      this.wake = end(true);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }
}

function frame({ type, ...data }: LiveEvent): string {
  return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}
