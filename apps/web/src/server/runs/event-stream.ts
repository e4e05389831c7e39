import { LockstepError, type RunStreamEvent } from '@lockstep/contracts';
import type { Context } from '@lockstep/db';
import type { Container } from '../container.js';
import { answerOf } from '../errors/answers.js';
import { followRun, type RunReader } from './follow-run.js';

/** A comment goes out after so long without an event. */
const heartbeatMs = 15_000;

/**
 * The live stream of a run as server-sent events, from a cursor on, until the run has ended and everything was sent. Only
 * the last event of a cursor has an id, so that whoever resumes gets all events of a cursor or none of them again.
 */
export async function* eventStream(
  container: Container,
  context: Context,
  { requestId, ...reader }: RunReader & { readonly requestId: string },
  signal: AbortSignal,
): AsyncGenerator<string, void, void> {
  let lastSentAt = Date.now();
  try {
    yield 'retry: 1000\n\n';
    for await (const events of followRun(container, context, reader, signal)) {
      for (const [index, event] of events.entries()) {
        const isLast = event.type !== 'end' && events[index + 1]?.cursor !== event.cursor;
        yield frame(event, isLast ? event.cursor : null);
      }
      const isQuiet = events.length === 0 && Date.now() - lastSentAt >= heartbeatMs;
      if (isQuiet) yield ': still here\n\n';
      if (isQuiet || events.length > 0) lastSentAt = Date.now();
    }
  } catch (error) {
    if (signal.aborted) return;
    yield `event: problem\ndata: ${JSON.stringify(answerOf(error, requestId).body)}\n\n`;
    if (!(error instanceof LockstepError)) throw error;
  }
}

function frame(event: RunStreamEvent, id: number | null): string {
  return `event: ${event.type}\n${id === null ? '' : `id: ${id}\n`}data: ${JSON.stringify(event)}\n\n`;
}

/** Where a stream begins: after the last event that the reader has seen. */
export function streamStart(headers: Headers, since: number | undefined): number {
  const last = headers.get('last-event-id');
  if (last === null || last === '') return since ?? 0;
  if (/^\d{1,15}$/.test(last)) return Number(last);
  throw new LockstepError(
    'bad-input.field',
    'Last-Event-ID: expected the id of an event of this stream, got something else.',
  );
}
