import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveHub, type LiveReads } from './live-hub.js';
import type { LiveStream } from './live-stream.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const lab = new Map([['org-lab', 'lab']]);

/** What the database would answer, and what it was asked. */
function makeReads() {
  const sessions = new Map<string, ReadonlyMap<string, string>>([
    ['session-1', lab],
    ['session-2', new Map([['org-other', 'other']])],
  ]);
  const asked: string[][] = [];
  let checks = 0;
  const reads: LiveReads = {
    streamReaders: async (ids) => {
      checks++;
      return new Map([...sessions].filter(([id]) => ids.includes(id)));
    },
    organisationsOfRuns: async (ids) => {
      asked.push([...ids]);
      return new Map(ids.map((id) => [id, 'org-lab']));
    },
  };
  return { reads, sessions, asked, checks: () => checks };
}

const readerOf = (session: string, browser: string | null = null) => ({
  sessionId: `session-${session}`,
  userId: `user-${session}`,
  browser,
});

/** Takes what waits. */
async function take(stream: LiveStream): Promise<string> {
  const { value } = await stream.frames(new AbortController().signal).next();
  return value ?? '';
}

describe('the hub of live streams', () => {
  it('asks once whose a run is, however often it changes and however many read', async () => {
    const { reads, asked } = makeReads();
    const hub = new LiveHub(reads);
    const streams = await Promise.all([hub.open(readerOf('1')), hub.open(readerOf('1'))]);
    const stranger = await hub.open(readerOf('2'));
    for (const stream of [...streams, stranger]) await take(stream);
    hub.runChanged('run_1', 1);
    hub.runChanged('run_2', 1);
    for (let cursor = 2; cursor < 50; cursor++) hub.runChanged('run_1', cursor);
    await vi.advanceTimersByTimeAsync(1000);
    for (const stream of streams) {
      const text = await take(stream);
      expect(text.match(/"runId":"run_1"/g)).toHaveLength(1);
      expect(text).toContain('"cursor":49');
      expect(text).toContain('"organisation":"lab","runId":"run_2"');
    }
    expect(asked.flat().sort()).toEqual(['run_1', 'run_2']);
    hub.nodesChanged('org-other');
    expect(await take(stranger)).toBe('event: nodes\ndata: {"organisation":"other"}\n\n');
  });

  it('looks at all sessions with one question, and ends those that may see less', async () => {
    const { reads, sessions, checks } = makeReads();
    const hub = new LiveHub(reads);
    const [first, second] = [await hub.open(readerOf('1')), await hub.open(readerOf('2'))];
    for (const stream of [first, second]) await take(stream);
    const before = checks();
    await vi.advanceTimersByTimeAsync(1500);
    expect(checks()).toBe(before + 1);
    sessions.delete('session-1');
    sessions.set('session-2', new Map());
    await vi.advanceTimersByTimeAsync(1500);
    expect(await take(first)).toBe('event: signed-out\ndata: {"reason":"session"}\n\n');
    expect(await take(second)).toBe('event: signed-out\ndata: {"reason":"membership"}\n\n');
    // Nobody is left to ask for.
    const after = checks();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(checks()).toBe(after);
  });

  it('tells of an organisation that its reader joined', async () => {
    const { reads, sessions } = makeReads();
    const hub = new LiveHub(reads);
    const stream = await hub.open(readerOf('1'));
    await take(stream);
    sessions.set('session-1', new Map([...lab, ['org-new', 'new']]));
    await vi.advanceTimersByTimeAsync(1500);
    expect(await take(stream)).toBe('event: hello\ndata: {"user":"user-1","organisations":["lab","new"]}\n\n');
    hub.nodesChanged('org-new');
    expect(await take(stream)).toContain('"organisation":"new"');
  });

  it('says that everything may have changed where it cannot know', async () => {
    const { reads } = makeReads();
    const hub = new LiveHub({ ...reads, organisationsOfRuns: () => Promise.reject(new Error('away')) });
    const stream = await hub.open(readerOf('1'));
    await take(stream);
    hub.runChanged('run_1', 1);
    await vi.advanceTimersByTimeAsync(0);
    expect(await take(stream)).toBe('event: everything\ndata: {}\n\n');
  });

  it('bounds what waits for a reader that takes nothing', async () => {
    const hub = new LiveHub(makeReads().reads);
    const stream = await hub.open(readerOf('1'));
    for (let index = 0; index < 700; index++) stream.tell(`${index}`, { type: 'nodes', organisation: 'lab' });
    const text = await take(stream);
    expect(text.startsWith('event: hello')).toBe(true);
    expect(text).toContain('event: everything');
    expect(text.split('\n\n').length).toBeLessThan(500);
  });

  it('refuses sessions that have ended, and more streams than a session or person may have', async () => {
    const hub = new LiveHub(makeReads().reads);
    await expect(hub.open(readerOf('3'))).rejects.toMatchObject({ code: 'auth.unauthenticated' });
    for (let count = 0; count < 8; count++) await hub.open(readerOf('1', `browser-${count}`));
    await expect(hub.open(readerOf('1'))).rejects.toMatchObject({ code: 'auth.rate-limited' });
    const again = await hub.open(readerOf('1', 'browser-0'));
    hub.close(again);
    await hub.open(readerOf('1'));
  });
});
