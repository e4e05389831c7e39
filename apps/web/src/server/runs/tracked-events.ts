import { LockstepError, type RunStreamEvent } from '@lockstep/contracts';
import type { Context } from '@lockstep/db';
import { tracked } from '@trpc/server';
import type { Container } from '../container.js';
import { followRun, type RunReader } from './follow-run.js';

/** Events of one cursor go out together, so that whoever resumes after an id gets all of a cursor or none again. */
export interface EventsOfCursor {
  readonly cursor: number;
  readonly events: readonly RunStreamEvent[];
}

/** A run's events for tRPC subscriptions. */
export async function* trackedEvents(container: Container, context: Context, reader: RunReader, signal: AbortSignal) {
  for await (const events of followRun(container, context, reader, signal)) {
    let group: RunStreamEvent[] = [];
    for (const [index, event] of events.entries()) {
      group.push(event);
      const next = events[index + 1];
      if (next?.cursor === event.cursor) continue;
      const told: EventsOfCursor = { cursor: event.cursor, events: group };
      yield tracked(String(event.cursor), told);
      group = [];
    }
  }
}

/** @throws LockstepError `bad-input.field` */
export function cursorOf(lastEventId: string): number {
  if (/^\d{1,15}$/.test(lastEventId)) return Number(lastEventId);
  throw new LockstepError(
    'bad-input.field',
    'lastEventId: expected the id of an event of this stream, got something else.',
  );
}
