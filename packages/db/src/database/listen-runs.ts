import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { nodesChannel, runChannel } from './notifier.js';
import type { Db } from './open-db.js';

export type RunNotification =
  | { readonly kind: 'changed'; readonly runId: string; readonly cursor: number }
  /** Nodes of an organisation live, came, went, or have other places taken. */
  | { readonly kind: 'nodes'; readonly organisationId: string }
  /** The connection was lost and is there again: anything may have changed meanwhile. */
  | { readonly kind: 'reconnected' };

export interface RunListener {
  close(): Promise<void>;
}

const longestWaitMs = 5000;

/**
 * Calls `onNotify` whenever a run or the nodes that runs are placed on have something new. Resolves when it listens. A lost connection is opened again; read
 * from your cursor then.
 */
export async function listenRuns(db: Db, onNotify: (notification: RunNotification) => void): Promise<RunListener> {
  const stop = new AbortController();
  let client = await connect();

  async function connect(): Promise<Client> {
    const next = new Client({ connectionString: db.url, keepAlive: true, application_name: 'lockstep-listen' });
    next.on('notification', ({ channel, payload = '' }) => {
      if (channel === nodesChannel) onNotify({ kind: 'nodes', organisationId: payload });
      const end = payload.lastIndexOf(':');
      if (channel !== runChannel || end < 0) return;
      onNotify({ kind: 'changed', runId: payload.slice(0, end), cursor: Number(payload.slice(end + 1)) });
    });
    let lost = false;
    const onLost = (): void => {
      if (lost || next !== client) return;
      lost = true;
      void reconnect();
    };
    next.on('error', onLost);
    next.on('end', onLost);
    await next.connect();
    await next.query(`LISTEN ${runChannel}; LISTEN ${nodesChannel}`);
    return next;
  }

  async function reconnect(): Promise<void> {
    for (let waitMs = 100; !stop.signal.aborted; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
      try {
        await delay(waitMs, undefined, { signal: stop.signal, ref: false });
        client = await connect();
        if (stop.signal.aborted) await client.end();
        else onNotify({ kind: 'reconnected' });
        return;
      } catch {
        // Not there yet, or stopped; the loop decides.
      }
    }
  }

  return {
    async close() {
      stop.abort();
      await client.end().catch(() => undefined);
    },
  };
}
