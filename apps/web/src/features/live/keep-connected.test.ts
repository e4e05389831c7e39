import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LiveEvent } from '../../server/live/live-event.js';
import { EventReader } from './event-reader.js';
import { keepConnected } from './keep-connected.js';

let server: Server;
let url: string;
/** What the server does with its next requests; the last one stays. */
let answers: ((response: ServerResponse) => void)[];
let requests: number;

beforeEach(async () => {
  requests = 0;
  server = createServer((_, response) => {
    requests++;
    (answers.length > 1 ? answers.shift() : answers[0])?.(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const hello = 'event: hello\ndata: {"user":"ada","organisations":["lab"]}\n\n';
const stream = (text: string, end: 'open' | 'close' | 'cut') => (response: ServerResponse) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(text, () => {
    if (end === 'close') response.end();
    if (end === 'cut') response.destroy();
  });
};
const status = (code: number) => (response: ServerResponse) => void response.writeHead(code).end();
const timing = { firstWaitMs: 1, longestWaitMs: 4, silenceMs: 2500 };

function connect(signal = new AbortController().signal, surroundings?: Parameters<typeof keepConnected>[3]) {
  const seen: string[] = [];
  const listener = {
    onEvent: (event: LiveEvent) => void seen.push(event.type),
    onBeat: () => undefined,
    onLost: () => void seen.push('lost'),
  };
  return { seen, end: keepConnected(url, listener, signal, surroundings, timing) };
}

describe('the live connection', () => {
  it('is opened again after an end, a cut, a refusal and silence, until the session has ended', async () => {
    answers = [
      stream(hello, 'close'),
      stream(hello, 'cut'),
      status(503),
      status(429),
      stream(hello, 'open'),
      stream('event: signed-out\ndata: {"reason":"session"}\n\n', 'close'),
    ];
    const { seen, end } = connect();
    expect(await end).toBe('signed-out');
    expect(seen).toEqual(['hello', 'lost', 'hello', 'lost', 'lost', 'lost', 'hello', 'lost']);
  });

  it('is opened again at once for what may still be seen, and left to the stream that took its place', async () => {
    answers = [
      stream(`${hello}event: signed-out\ndata: {"reason":"membership"}\n\n`, 'close'),
      stream(`${hello}event: replaced\ndata: {}\n\n`, 'close'),
    ];
    const { seen, end } = connect();
    expect(await end).toBe('replaced');
    expect(seen).toEqual(['hello', 'hello']);
  });

  it('ends where nobody is signed in', async () => {
    answers = [status(401)];
    expect(await connect().end).toBe('signed-out');
    expect(requests).toBe(1);
  });

  it('is tried at once when there is hope or doubt', async () => {
    answers = [stream(hello, 'open'), status(503), stream(hello, 'open')];
    const stop = new AbortController();
    const listeners = { hope: (): void => {}, doubt: (): void => {} };
    const seen: string[] = [];
    const end = keepConnected(
      url,
      {
        onBeat: () => undefined,
        onEvent: ({ type }) => {
          seen.push(type);
          if (requests === 1) listeners.doubt();
          else stop.abort();
        },
        onLost: () => {
          seen.push('lost');
          queueMicrotask(() => listeners.hope());
        },
      },
      stop.signal,
      {
        onHope: (listener) => {
          listeners.hope = listener;
          return () => undefined;
        },
        onDoubt: (listener) => {
          listeners.doubt = listener;
          return () => undefined;
        },
      },
      // Without them the test would take an hour.
      { firstWaitMs: 3_600_000, longestWaitMs: 3_600_000, silenceMs: 3_600_000 },
    );
    expect(await end).toBe('stopped');
    expect(seen).toEqual(['hello', 'lost', 'lost', 'hello']);
  });
});

describe('events of a stream', () => {
  it('are the same however it was cut', () => {
    const text = `: still here\n\n${hello}event: run\ndata: {"cursor":3}\n\n`;
    for (const size of [1, 2, 7, 1000]) {
      const reader = new EventReader();
      const events = text.match(new RegExp(`[^]{1,${size}}`, 'g'))?.flatMap((part) => reader.read(part));
      expect(events).toEqual([
        { type: 'hello', data: { user: 'ada', organisations: ['lab'] } },
        { type: 'run', data: { cursor: 3 } },
      ]);
    }
  });
});
