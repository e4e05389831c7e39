import { expect } from 'vitest';
import type { Person } from './client.js';
import type { World } from './world.js';

export interface LiveReader {
  /** Everything that came so far. */
  text(): string;
  /** @throws when it was not so after `maxMs` or at the end of the stream */
  until(isReached: (text: string) => boolean, maxMs?: number): Promise<void>;
  /** All of its text once the server has closed it. */
  readonly ended: Promise<string>;
  close(): Promise<void>;
}

/** A live stream as a browser opens it. */
export async function openLive({ web }: Pick<World, 'web'>, { cookie }: Person, browser?: string): Promise<LiveReader> {
  const stop = new AbortController();
  const query = browser === undefined ? '' : `?browser=${browser}`;
  const response = await fetch(`${web.url}/api/live${query}`, { headers: { cookie }, signal: stop.signal });
  expect([response.status, response.headers.get('content-type')?.split(';')[0]]).toEqual([200, 'text/event-stream']);
  const decoder = new TextDecoder();
  let text = '';
  let wake = (): void => undefined;
  const ended = (async () => {
    try {
      for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
        text += decoder.decode(part, { stream: true });
        wake();
      }
    } catch (error) {
      if (!stop.signal.aborted) text += `\ncut: ${error}`;
    }
    return text;
  })();
  const reader: LiveReader = {
    text: () => text,
    ended,
    until: async (isReached, maxMs = 10_000) => {
      const deadline = setTimeout(() => stop.abort(), maxMs);
      let isOver = false;
      void ended.then(() => {
        isOver = true;
        wake();
      });
      while (!isReached(text)) {
        if (isOver) throw new Error(`the stream ended before: ${text}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      clearTimeout(deadline);
    },
    close: async () => {
      stop.abort();
      await ended;
    },
  };
  await reader.until((all) => all.includes('event: hello'));
  return reader;
}
