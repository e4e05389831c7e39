'use client';

import type { MetricSeries } from '@lockstep/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { trpc } from '../api/trpc-client.js';
import { runReads, safetyInterval } from '../live/live-reads.js';
import type { FeedEvent } from './feed-event.js';
import { withPoints } from './live-series.js';
import { readHistory } from './read-history.js';
import { type RunLines, withLines } from './run-lines.js';
import { seriesKey } from './series-key.js';

/** As often as charts are drawn. */
const everyMs = 250;
/** Of a run with a long history, what came meanwhile is shown in between. */
const mostReads = 10;
/** Lines of the log that are read at first. */
const lastLines = 2000;

export interface Feed {
  /** Everything up to here is in. */
  readonly cursor: number;
  readonly series: readonly MetricSeries[];
  /** The series were read as a whole up to here, which may be further. */
  readonly seriesCursor: number;
  /** Of the last points; null: they were read as a whole. */
  readonly generation: number | null;
  readonly events: readonly FeedEvent[];
  /** Null: not read so far. */
  readonly log: RunLines | null;
  /** There was nothing beyond when it was read. */
  readonly isAll: boolean;
}

/**
 * Metrics, events and logs of a run: read once, then continued from the run's cursor. Nothing is lost or doubled by a
 * connection that was away, because what comes next is asked for by cursor.
 *
 * @param known how far the run is known to be from elsewhere: what this feed does not have by then is read without a signal
 */
export function useRunFeed(organisation: string, runId: string, known: number) {
  const client = useQueryClient();
  const feed = useRef<Feed | null>(null);
  return useQuery({
    queryKey: ['feed', organisation, runId],
    queryFn: async () => {
      const before = feed.current;
      let present = before ?? (await readFeed(organisation, runId));
      // The charts are drawn first: they need no line. What is read now reaches at least as far as the feed does.
      if (before !== null && present.log === null) present = { ...present, log: await readLog(organisation, runId) };
      for (let read = 0; read === 0 || (!present.isAll && read < mostReads); read++)
        present = await continued(organisation, runId, present);
      // A read that was given up may end after the one that took its place.
      if (present.cursor >= (feed.current?.cursor ?? 0)) feed.current = present;
      // A state, a checkpoint, a name: the head of the page has them too.
      if (before !== null && present.events.length > before.events.length)
        void client.invalidateQueries({ queryKey: ['run', organisation, runId] });
      return present;
    },
    ...runReads(organisation, runId, everyMs),
    refetchInterval: ({ state: { data } }) => {
      const safety = safetyInterval();
      if (safety === false || data === undefined) return safety;
      return !data.isAll || data.log === null || data.cursor < known ? everyMs : false;
    },
    structuralSharing: false,
  });
}

async function readFeed(organisation: string, runId: string): Promise<Feed> {
  const [{ cursor, series }, { cursor: eventCursor, events }] = await Promise.all([
    trpc.run.metrics.query({ organisation, runId }),
    readHistory((part) => trpc.run.history.query({ organisation, runId, ...part })),
  ]);
  // The lower of the two: what is then read again is known by its cursor.
  return {
    cursor: Math.min(cursor, eventCursor),
    series,
    seriesCursor: cursor,
    generation: null,
    events,
    log: null,
    isAll: false,
  };
}

async function readLog(organisation: string, runId: string): Promise<RunLines> {
  const { items, total } = await trpc.run.logsTail.query({ organisation, runId, last: lastLines });
  return { lines: items, total };
}

/** The feed with what came after it. */
async function continued(organisation: string, runId: string, feed: Feed): Promise<Feed> {
  const news = await trpc.run.news.query({ organisation, runId, since: feed.cursor });
  if (news.events.length === 0) return { ...feed, cursor: news.cursor, isAll: news.isAll };
  const series = new Map(feed.series.map((each) => [seriesKey(each), each]));
  const events = [...feed.events];
  let lastEvent = events.at(-1)?.cursor ?? 0;
  let { generation } = feed;
  let isSuperseded = false;
  for (const event of news.events) {
    if (event.type === 'state' || event.type === 'event') {
      if (event.cursor <= lastEvent) continue;
      lastEvent = event.cursor;
      events.push(
        event.type === 'state'
          ? { ...event, kind: 'state', data: { state: event.state, reason: event.reason } }
          : { cursor: event.cursor, time: event.time, kind: event.kind, data: event.data },
      );
    } else if (event.type === 'metrics' && event.cursor > feed.seriesCursor) {
      // Another generation begins at a checkpoint; points of the one before that lie beyond it count no more.
      if (series.size > 0 && event.generation !== generation) isSuperseded = true;
      generation = event.generation;
      for (const points of event.series) {
        const key = seriesKey(points);
        const grown = withPoints(series.get(key), points);
        if (grown === null) isSuperseded = true;
        else series.set(key, grown);
      }
    }
  }
  const grown = [...series.values()];
  const isTooFine = grown.some(({ steps }) => steps.length > 4000);
  const lines = news.events.flatMap((event) => (event.type === 'logs' ? event.lines : []));
  // Lines that come before the log was read are in it then.
  const log = feed.log === null ? null : withLines(feed.log, lines);
  const next = { ...feed, cursor: news.cursor, generation, events, log, isAll: news.isAll };
  if (!isSuperseded && !isTooFine) return { ...next, series: grown };
  const read = await trpc.run.metrics.query({ organisation, runId });
  return { ...next, series: read.series, seriesCursor: read.cursor };
}
