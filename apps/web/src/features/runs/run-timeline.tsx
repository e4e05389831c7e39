import type { RunState } from '@lockstep/contracts';
import { formatDuration, formatTime } from '../../ui/format.js';
import { StateMark } from '../../ui/run-state.js';
import type { FeedEvent } from './feed-event.js';

/** What happened last is in view, the charts below it too. */
const recentNotes = 4;
const mostNotes = 200;

/** The states of a run with how long each took, and what happened in between. */
export function RunTimeline({ events, nowMs }: { events: readonly FeedEvent[]; nowMs: number | null }) {
  const states = events
    .filter(({ kind }) => kind === 'state')
    // A state that was told again, with another reason, is one stay in it.
    .filter(({ data }, index, all) => data.state !== all[index + 1]?.data.state);
  const startOf = new Map(stays(events).map(({ last, startedMs }) => [last, startedMs]));
  const notes = events.filter(({ kind }) => kind in sentences).slice(-mostNotes);
  const recent = notes.slice(-recentNotes);
  const earlier = notes.slice(0, -recentNotes);
  const isSaid = (message: unknown): boolean =>
    notes.some(({ kind, data }) => kind === 'rank-failed' && data.message === message);
  return (
    <section className="panel" aria-label="Timeline">
      <header>
        <h2>Timeline</h2>
      </header>
      <div className="body stack">
        <ol className="timeline">
          {states.map(({ cursor, time, data }, index) => {
            const state = data.state as RunState;
            const next = states[index + 1]?.time;
            const isLast = next === undefined;
            const until = isLast ? nowMs : Date.parse(next);
            const isEnd = state === 'completed' || state === 'failed' || state === 'cancelled';
            return (
              <li key={cursor} title={`${formatTime(time)} UTC`}>
                <StateMark state={state} />
                <span className="mono muted">
                  {isEnd
                    ? formatTime(time).slice(11)
                    : until === null
                      ? ''
                      : formatDuration(until - (startOf.get(cursor) ?? Date.parse(time)))}
                </span>
                {data.reason == null ? null : <span className="tag">{String(data.reason)}</span>}
              </li>
            );
          })}
        </ol>
        {earlier.length === 0 ? null : (
          <details className="small">
            <summary className="muted">{earlier.length} earlier</summary>
            <Notes notes={earlier} isSaid={isSaid} />
          </details>
        )}
        {recent.length === 0 ? null : <Notes notes={recent} isSaid={isSaid} />}
      </div>
    </section>
  );
}

function Notes({ notes, isSaid }: { notes: readonly FeedEvent[]; isSaid: (message: unknown) => boolean }) {
  return (
    <ul className="small">
      {notes.map(({ cursor, time, kind, data }) => (
        <li key={cursor} className="row top">
          <time className="mono muted" dateTime={time} title={`${formatTime(time)} UTC`}>
            {formatTime(time).slice(11)}
          </time>
          <span className="grow">
            {sentences[kind]?.(kind === 'generation-ended' && isSaid(data.message) ? { ...data, message: '' } : data)}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Of every stay in a state: cursor of its last event, and when it began. */
function stays(events: readonly FeedEvent[]): { last: number; startedMs: number }[] {
  const found: { state: unknown; last: number; startedMs: number }[] = [];
  for (const { kind, cursor, time, data } of events) {
    if (kind !== 'state') continue;
    const present = found.at(-1);
    if (present !== undefined && present.state === data.state) present.last = cursor;
    else found.push({ state: data.state, last: cursor, startedMs: Date.parse(time) });
  }
  return found;
}

const text = (value: unknown): string => (value === undefined || value === null ? '?' : String(value));

const counted = (list: unknown, noun: string): string => {
  const count = Array.isArray(list) ? list.length : 0;
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
};

const sentences: Record<string, (data: Record<string, unknown>) => string> = {
  waiting: ({ message }) => text(message),
  placed: ({ ranks }) => `Placed: ${counted(ranks, 'worker')}.`,
  generation: ({ generation, originStep, nodeIds }) =>
    `Generation ${text(generation)}: ${counted(nodeIds, 'worker')} from step ${text(originStep)}.`,
  checkpoint: ({ step, best }) => `Checkpoint at step ${text(step)}${best === true ? ', the best so far' : ''}.`,
  'rank-failed': ({ rank, message }) => `Rank ${text(rank)} failed: ${text(message)}`,
  'generation-ended': ({ generation, outcome, message }) =>
    `Generation ${text(generation)} ended: ${text(outcome)}. ${typeof message === 'string' ? message : ''}`,
  'cancel-requested': () => 'Somebody asked to cancel.',
  diverged: ({ step }) => `Ranks that must be equal were not, at step ${text(step)}.`,
};
