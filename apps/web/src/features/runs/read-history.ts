import type { FeedEvent } from './feed-event.js';

/** Events of one read. */
const page = 2000;

export interface History {
  /** Every event up to here is in. */
  readonly cursor: number;
  readonly events: readonly FeedEvent[];
}

/** All events of a run so far, read in parts: a run of a thousand epochs has more than one part holds. */
export async function readHistory(
  read: (part: { since: number; limit: number }) => Promise<History>,
): Promise<History> {
  const events: FeedEvent[] = [];
  for (;;) {
    const part = await read({ since: events.at(-1)?.cursor ?? 0, limit: page });
    events.push(...part.events);
    if (part.events.length < page) return { cursor: part.cursor, events };
  }
}
