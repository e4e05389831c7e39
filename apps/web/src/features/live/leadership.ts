/** What tabs of a browser say to each other. */
export interface TabChannel {
  post(message: unknown): void;
  /** Returns how to stop listening. */
  listen(hear: (message: unknown) => void): () => void;
}

/** Leads when no other tab does, until `lead` ends; it must end when its signal aborts. */
export type Compete = (lead: (signal: AbortSignal) => Promise<void>, signal: AbortSignal) => Promise<void>;

/** The browser gives the lock to one tab, and to the next one when that closes. */
export function competeForLock(locks: LockManager, name: string): Compete {
  return async (lead, signal) => {
    await locks
      .request(name, { signal }, () => lead(signal))
      .catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
  };
}

export interface ElectionTiming {
  /** A leader answers sooner. */
  readonly answerMs: number;
  /** Followers ask again so often whether there is one. */
  readonly askMs: number;
}

type Said =
  | { readonly election: 'ask' }
  | { readonly election: 'lead'; readonly by: string }
  | { readonly election: 'gone' };

/**
 * The same without locks, which browsers give only to pages of https and of this machine. Leaders answer, which also tabs in
 * the background do at once; timers there are slow. Of two that lead, the one with the smaller name stays.
 */
export function competeByAsking(
  channel: TabChannel,
  me: string,
  { answerMs, askMs }: ElectionTiming = { answerMs: 400, askMs: 3000 },
): Compete {
  return async (lead, signal) => {
    let yieldNow: (() => void) | null = null;
    let wake: ((isLed: boolean) => void) | null = null;
    const say = (said: Said): void => channel.post(said);
    const unlisten = channel.listen((message) => {
      const said = message as Partial<Said & { by: string }>;
      if (said.election === 'ask') {
        if (yieldNow !== null) say({ election: 'lead', by: me });
      } else if (said.election === 'gone') wake?.(false);
      else if (said.election === 'lead') {
        wake?.(true);
        if (yieldNow === null) return;
        if ((said.by ?? '') < me) yieldNow();
        else say({ election: 'lead', by: me });
      }
    });
    const heard = async (ms: number): Promise<boolean> => {
      const isLed = await new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(false), ms);
        const end = (): void => resolve(false);
        signal.addEventListener('abort', end, { once: true });
        wake = (found) => {
          clearTimeout(timer);
          signal.removeEventListener('abort', end);
          resolve(found);
        };
      });
      wake = null;
      return isLed;
    };
    try {
      while (!signal.aborted) {
        say({ election: 'ask' });
        if (await heard(answerMs * (1 + Math.random() / 2))) {
          // Until it goes, or for a while.
          while (await heard(askMs * (1 + Math.random() / 2)));
          continue;
        }
        if (signal.aborted) return;
        const outvoted = new AbortController();
        yieldNow = () => outvoted.abort();
        say({ election: 'lead', by: me });
        await lead(AbortSignal.any([signal, outvoted.signal]));
        yieldNow = null;
        say({ election: 'gone' });
        if (!outvoted.signal.aborted) return;
      }
    } finally {
      unlisten();
    }
  };
}

/** A tab that cannot speak to others leads itself. */
export const competeAlone: Compete = (lead, signal) => lead(signal);
