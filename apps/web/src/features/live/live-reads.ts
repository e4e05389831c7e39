import type { Query, QueryClient } from '@tanstack/react-query';
import type { LiveEvent } from '../../server/live/live-event.js';
import { type LiveClient, liveClient } from './live-client.js';

/** What a read is about, so that signals of it cause a new one. */
export interface LiveTopic {
  readonly about: 'run' | 'runs' | 'nodes';
  readonly organisation: string;
  readonly runId?: string;
  /** Least time between two reads. */
  readonly everyMs: number;
}

/** Signals can be lost; while the stream is away it is asked more often. */
const safetyMs = 15_000;
const withoutStreamMs = 2000;

/** How often something is read without a signal. */
export const safetyInterval = (): number | false => {
  if (typeof window === 'undefined') return false;
  const { phase } = liveClient().state;
  return phase === 'signed-out' ? false : phase === 'open' ? safetyMs : withoutStreamMs;
};

function readsOf(topic: LiveTopic) {
  return { meta: { live: topic }, refetchInterval: safetyInterval };
}

/** Options of a query about one run. `everyMs` of 250 is as often as a chart is drawn. */
export function runReads(organisation: string, runId: string, everyMs = 1000) {
  return readsOf({ about: 'run', organisation, runId, everyMs });
}

/** Options of a query about the runs of an organisation. */
export function runsReads(organisation: string, everyMs = 1000) {
  return readsOf({ about: 'runs', organisation, everyMs });
}

/** Options of a query about nodes. They also go without saying so. */
export function nodesReads(organisation: string) {
  return { ...readsOf({ about: 'nodes', organisation, everyMs: 1000 }), refetchInterval: nodesInterval };
}

const nodesInterval = (): number | false => {
  const ms = safetyInterval();
  return ms === false ? false : Math.min(ms, 5000);
};

function topicOf({ meta }: Query): LiveTopic | null {
  return (meta?.live as LiveTopic | undefined) ?? null;
}

function isAbout(event: LiveEvent, { about, organisation, runId }: LiveTopic): boolean {
  if (event.type === 'hello' || event.type === 'everything') return true;
  if (event.type === 'nodes') return about === 'nodes' && event.organisation === organisation;
  if (event.type !== 'run' || event.organisation !== organisation) return false;
  return about === 'runs' || (about === 'run' && event.runId === runId);
}

/** When what is shown was read last. */
export function readAt(queries: QueryClient): number {
  const read = queries.getQueryCache().findAll({ predicate: (query) => topicOf(query) !== null });
  return Math.max(0, ...read.map(({ state }) => state.dataUpdatedAt));
}

interface Pace {
  isWanted: boolean;
  isBusy: boolean;
  lastAt: number;
}

/** Reads again what a signal is about: at once if it was not read lately, else after the least time. */
export class LiveReads {
  private readonly paces = new Map<string, Pace>();

  constructor(private readonly queries: QueryClient) {}

  follow(client: LiveClient): () => void {
    const unEvent = client.onEvent((event) => this.hear(event));
    // How often is asked without a signal changes with the state.
    const unState = client.onState(() => {
      if (client.state.phase === 'lost') this.hear({ type: 'everything' });
    });
    return () => {
      unEvent();
      unState();
    };
  }

  hear(event: LiveEvent): void {
    for (const query of this.queries.getQueryCache().getAll()) {
      const topic = topicOf(query);
      if (topic === null || !isAbout(event, topic)) continue;
      const pace = this.paces.get(query.queryHash) ?? { isWanted: false, isBusy: false, lastAt: 0 };
      this.paces.set(query.queryHash, pace);
      pace.isWanted = true;
      // A read that waits for its next try need not wait any longer.
      if (event.type === 'hello' && query.state.fetchFailureCount > 0) void this.read(query, true);
      else if (!pace.isBusy) void this.readWhileWanted(query, topic.everyMs, pace);
    }
  }

  private async readWhileWanted(query: Query, everyMs: number, pace: Pace): Promise<void> {
    pace.isBusy = true;
    while (pace.isWanted) {
      const waitMs = pace.lastAt + everyMs - Date.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      pace.isWanted = false;
      if (!query.isActive() || document.visibilityState === 'hidden') {
        // It is read when it is looked at.
        query.invalidate();
        break;
      }
      pace.lastAt = Date.now();
      // A read that began before the signal may not have seen it.
      if (query.state.fetchStatus !== 'idle') pace.isWanted = true;
      await this.read(query, false);
    }
    pace.isBusy = false;
    if (!query.isActive()) this.paces.delete(query.queryHash);
  }

  private read(query: Query, cancelRefetch: boolean): Promise<void> {
    return this.queries.refetchQueries({ predicate: (each) => each === query, type: 'active' }, { cancelRefetch });
  }
}
