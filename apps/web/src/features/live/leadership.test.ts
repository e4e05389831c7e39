import { describe, expect, it } from 'vitest';
import { competeByAsking, type TabChannel } from './leadership.js';

/** A channel between tabs of one process, as BroadcastChannel is: a tab does not hear itself. */
function openChannels(count: number): TabChannel[] {
  const heard = Array.from({ length: count }, () => new Set<(message: unknown) => void>());
  return heard.map((mine, index) => ({
    post: (message) =>
      queueMicrotask(() => {
        for (const [other, listeners] of heard.entries())
          if (other !== index) for (const listener of listeners) listener(message);
      }),
    listen: (hear) => {
      mine.add(hear);
      return () => mine.delete(hear);
    },
  }));
}

const timing = { answerMs: 20, askMs: 100 };

describe('tabs without locks', () => {
  it('have one leader, and another one when it goes', async () => {
    const leading = new Set<number>();
    let most = 0;
    const tabs = openChannels(5).map((channel, index) => {
      const stop = new AbortController();
      const done = competeByAsking(
        channel,
        `tab-${index}`,
        timing,
      )(async (signal) => {
        leading.add(index);
        await settled(() => undefined);
        most = Math.max(most, leading.size);
        await new Promise<void>((resolve) => {
          if (signal.aborted) resolve();
          signal.addEventListener('abort', () => resolve());
        });
        leading.delete(index);
      }, stop.signal);
      return { stop, done };
    });
    await expect.poll(() => leading.size, { timeout: 5000 }).toBe(1);
    const [first = 0] = leading;
    tabs[first]?.stop.abort();
    await tabs[first]?.done;
    await expect.poll(() => [...leading].filter((index) => index !== first).length, { timeout: 5000 }).toBe(1);
    await expect.poll(() => leading.size, { timeout: 5000 }).toBe(1);
    for (const { stop } of tabs) stop.abort();
    await Promise.all(tabs.map(({ done }) => done));
    expect(leading.size).toBe(0);
    // Two may begin in the same moment; one of them yields at once.
    expect(most).toBeLessThanOrEqual(2);
  });
});

async function settled(done: () => void): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  done();
}
