import type { FeedEvent } from './feed-event.js';

/** Workers that trained together, from the step they began at to the one that counts last of theirs. */
export interface MembershipSpan {
  readonly generation: number;
  readonly workers: number;
  readonly from: number;
  readonly to: number;
}

export interface MembershipMark {
  readonly kind: 'checkpoint' | 'best' | 'loss';
  readonly step: number;
  readonly text: string;
}

/** Who trained which steps, what was kept and who was lost: by step, as charts show it. */
export function membership(
  events: readonly FeedEvent[],
  lastStep: number,
): { spans: MembershipSpan[]; marks: MembershipMark[] } {
  const begun = events
    .filter(({ kind }) => kind === 'generation')
    .map(({ data }) => ({
      generation: Number(data.generation),
      workers: Array.isArray(data.nodeIds) ? data.nodeIds.length : 0,
      from: Number(data.originStep),
    }));
  const spans = begun.map((each, index) => ({
    ...each,
    to: Math.max(each.from, begun[index + 1]?.from ?? lastStep),
  }));
  const marks = events.flatMap(({ kind, data }): MembershipMark[] => {
    if (kind === 'checkpoint') {
      const step = Number(data.step);
      return data.best === true
        ? [{ kind: 'best', step, text: `Checkpoint at step ${step}, the best so far` }]
        : [{ kind: 'checkpoint', step, text: `Checkpoint at step ${step}` }];
    }
    if (kind !== 'generation-ended' || (data.outcome !== 'lost' && data.outcome !== 'failed')) return [];
    const why = typeof data.message === 'string' && data.message !== '' ? `: ${data.message}` : '.';
    const text = `Generation ${Number(data.generation)} was ${data.outcome === 'lost' ? 'lost' : 'ended by a failure'}${why}`;
    // It stands where training went on: the steps that were lost were computed again.
    const next = spans.find(({ generation }) => generation > Number(data.generation));
    return next === undefined
      ? [{ kind: 'loss', step: lastStep, text }]
      : [{ kind: 'loss', step: next.from, text: `${text} Went on from step ${next.from}.` }];
  });
  return { spans, marks };
}
