import { describe, expect, it } from 'vitest';
import type { ConnectionListener } from './keep-connected.js';
import type { Compete, TabChannel } from './leadership.js';
import { LiveClient } from './live-client.js';

/** A browser: a channel between its tabs, a lock for one of them, and connections that the test speaks for. */
function openBrowser() {
  const listeners = new Set<{ tab: number; hear: (message: unknown) => void }>();
  const connections: { listener: ConnectionListener; end: (how: 'stopped' | 'signed-out' | 'replaced') => void }[] = [];
  let held: Promise<unknown> = Promise.resolve();
  let tabs = 0;
  return {
    connections,
    openTab() {
      const tab = tabs++;
      const channel: TabChannel = {
        post: (message) => {
          for (const each of listeners) if (each.tab !== tab) each.hear(message);
        },
        listen: (hear) => {
          const each = { tab, hear };
          listeners.add(each);
          return () => listeners.delete(each);
        },
      };
      const compete: Compete = (lead, signal) => {
        const mine = held.then(() => (signal.aborted ? undefined : lead(signal)));
        held = mine;
        return mine;
      };
      const client = new LiveClient({
        channel,
        compete,
        connect: (listener, signal) =>
          new Promise((resolve) => {
            connections.push({ listener, end: resolve });
            signal.addEventListener('abort', () => resolve('stopped'));
          }),
      });
      const seen: string[] = [];
      client.onEvent(({ type }) => seen.push(type));
      client.start();
      return { client, seen };
    },
  };
}

const hello = { type: 'hello', user: 'ada', organisations: ['lab'] } as const;
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('tabs of a browser', () => {
  it('share one connection: what the leader hears, all hear', async () => {
    const { openTab, connections } = openBrowser();
    const tabs = [openTab(), openTab(), openTab()];
    await settle();
    expect(connections).toHaveLength(1);
    connections[0]?.listener.onEvent(hello);
    connections[0]?.listener.onEvent({ type: 'nodes', organisation: 'lab' });
    for (const { client, seen } of tabs) {
      expect(client.state.phase).toBe('open');
      expect(seen.slice(-2)).toEqual(['hello', 'nodes']);
    }
    // One that comes later is told how it stands, and reads what was signalled before.
    const late = openTab();
    expect([late.client.state.phase, late.seen]).toEqual(['open', ['everything']]);
    connections[0]?.listener.onLost();
    expect(late.client.state.phase).toBe('lost');
    for (const { client } of [...tabs, late]) client.close();
  });

  it('go on when the leader closes', async () => {
    const { openTab, connections } = openBrowser();
    const [first, second] = [openTab(), openTab()];
    await settle();
    connections[0]?.listener.onEvent(hello);
    first.client.close();
    await settle();
    expect(connections).toHaveLength(2);
    expect(second.client.state.phase).toBe('open');
    connections[1]?.listener.onEvent(hello);
    // What was signalled in between is read again.
    expect(second.seen).toEqual(['hello', 'hello']);
    second.client.close();
  });

  it('are signed out together, ask no more, and are live again once one signs in', async () => {
    const { openTab, connections } = openBrowser();
    const [first, second] = [openTab(), openTab()];
    await settle();
    connections[0]?.listener.onEvent(hello);
    connections[0]?.end('signed-out');
    await settle();
    expect([first.client.state.phase, second.client.state.phase]).toEqual(['signed-out', 'signed-out']);
    const tried = connections.length;
    await settle();
    expect(connections).toHaveLength(tried);
    const third = openTab();
    await settle();
    connections.at(-1)?.listener.onEvent(hello);
    expect([first, second, third].map(({ client }) => client.state.phase)).toEqual(['open', 'open', 'open']);
    third.client.close();
    await settle();
    expect(connections.length).toBeGreaterThan(tried + 1);
    for (const { client } of [first, second]) client.close();
  });
});
